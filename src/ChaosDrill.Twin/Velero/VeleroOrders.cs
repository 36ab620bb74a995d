using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>What tests ordered to befall a backup or a restore.</summary>
internal sealed class VeleroOrders
{
    private readonly Dictionary<string, string> orders = new(StringComparer.Ordinal);

    private VeleroOrders()
    {
    }

    /// <summary>From annotations; the first object that says anything about an order decides it.</summary>
    public static VeleroOrders Of(string annotation, params StoredObject?[] objects)
    {
        var found = new VeleroOrders();
        foreach (var stored in objects)
        {
            foreach (var order in (stored?.Metadata.Obj("annotations").Str(annotation) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var at = order.IndexOf('=', StringComparison.Ordinal);
                found.orders.TryAdd(at < 0 ? order : order[..at], at < 0 ? "" : order[(at + 1)..]);
            }
        }

        return found;
    }

    public bool Has(string order) => orders.ContainsKey(order);

    public string? Value(string order) => orders.GetValueOrDefault(order);

    public TimeSpan Time(string order) => GoDuration.TryParse(Value(order), out var time) ? time : TimeSpan.Zero;

    /// <summary>Whether an order names this object, as <c>configmaps/shop-settings</c> or, by how it begins, as <c>configmaps/shop-*</c>.</summary>
    public bool Names(string order, ResourceType type, string name) => Value(order) is { } named && (Fits(named, $"{type.Plural}/{name}") || Fits(named, $"{type.QualifiedPlural}/{name}"));

    private static bool Fits(string named, string path) => named.EndsWith('*') ? path.StartsWith(named[..^1], StringComparison.Ordinal) : named == path;
}
