using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin;

/// <summary>Amounts of resources as the API writes them: <c>250m</c>, <c>1.5</c>, <c>64Mi</c>, <c>2G</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("m", 0.001m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    /// <summary>As the API writes a plain amount: whole, or in thousandths.</summary>
    public static string Format(decimal amount) => amount == decimal.Truncate(amount)
        ? amount.ToString("0", CultureInfo.InvariantCulture)
        : (amount * 1000).ToString("0", CultureInfo.InvariantCulture) + "m";

    /// <summary>The amount in its base unit (cores, bytes); null when it is none.</summary>
    public static decimal? Parse(JsonNode? value)
    {
        if (value.AsInt() is { } whole)
        {
            return whole;
        }

        if (value.AsStr() is not { Length: > 0 } text)
        {
            return null;
        }

        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && decimal.TryParse(text[..^suffix.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
            {
                return amount * factor;
            }
        }

        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) ? plain : null;
    }
}
