using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Model.Scenarios;

/// <summary>A workload, or a probe, that something is said of: <c>deployment/storefront</c>, <c>probe/storefront</c>.</summary>
/// <param name="Kind">Lower-case singular kind: <c>deployment</c>, <c>statefulset</c>, <c>daemonset</c>, <c>replicaset</c> or <c>probe</c>.</param>
/// <param name="Name">Name of the object or probe.</param>
[JsonConverter(typeof(WorkloadReferenceJsonConverter))]
public sealed record WorkloadReference(string Kind, string Name)
{
    /// <summary>The kind of a reference to a probe of the scenario.</summary>
    public const string ProbeKind = "probe";

    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["deployment"] = "deployment", ["deployments"] = "deployment", ["deploy"] = "deployment",
        ["statefulset"] = "statefulset", ["statefulsets"] = "statefulset", ["sts"] = "statefulset",
        ["daemonset"] = "daemonset", ["daemonsets"] = "daemonset", ["ds"] = "daemonset",
        ["replicaset"] = "replicaset", ["replicasets"] = "replicaset", ["rs"] = "replicaset",
        [ProbeKind] = ProbeKind,
    };

    /// <summary>Whether this names a probe and not a workload.</summary>
    [JsonIgnore]
    public bool IsProbe => Kind == ProbeKind;

    /// <summary>Reads <c>kind/name</c>; kubectl's short names (<c>deploy</c>, <c>sts</c>, <c>ds</c>, <c>rs</c>) and plurals are understood.</summary>
    /// <returns>False for another kind, or for a name that no object can have (RFC 1123: lower-case letters, digits, <c>-</c> and <c>.</c>).</returns>
    public static bool TryParse(string text, out WorkloadReference reference)
    {
        reference = new WorkloadReference("", "");
        var slash = text.IndexOf('/');
        if (slash <= 0 || !IsObjectName(text.AsSpan(slash + 1))
            || !Kinds.TryGetValue(text[..slash].ToLowerInvariant(), out var kind))
        {
            return false;
        }

        reference = new WorkloadReference(kind, text[(slash + 1)..]);
        return true;
    }

    private static bool IsObjectName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > 253 || !char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not '-' and not '.')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><c>kind/name</c>.</summary>
    public override string ToString() => $"{Kind}/{Name}";
}

/// <summary>Writes a <see cref="WorkloadReference"/> as <c>kind/name</c>.</summary>
public sealed class WorkloadReferenceJsonConverter : JsonConverter<WorkloadReference>
{
    /// <inheritdoc />
    public override WorkloadReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WorkloadReference.TryParse(reader.GetString() ?? "", out var reference) ? reference : throw new JsonException("not kind/name");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, WorkloadReference value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
