using System.Text;
using System.Text.Json;
using ChaosDrill.Actions.Etcd.Client;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>How a value is written.</summary>
internal enum ValueForm : byte
{
    /// <summary>Its key is none of Kubernetes'.</summary>
    None,

    /// <summary>Kubernetes' protobuf envelope.</summary>
    Protobuf,

    /// <summary>JSON, as custom resources are kept.</summary>
    Json,

    /// <summary>Encrypted at rest: nothing more can be said of it.</summary>
    Encrypted,

    /// <summary>In none of these forms, or another object than its key says.</summary>
    Misfit,
}

/// <summary>What can be told of an object from its stored value.</summary>
/// <param name="Form">How it is written.</param>
/// <param name="Kind">Its kind; null when encrypted.</param>
/// <param name="Namespace">Its namespace; null when it says none.</param>
/// <param name="Name">Its name; null when it says none.</param>
/// <param name="Uid">Its uid; null when it says none.</param>
/// <param name="RenewedAt">Of a Lease: when it was renewed, by its holder's clock.</param>
internal sealed record KubernetesValue(ValueForm Form, string? Kind, string? Namespace, string? Name, string? Uid, DateTimeOffset? RenewedAt)
{
    /// <summary>Reads a value; null when it is in none of the known forms.</summary>
    public static KubernetesValue? Read(ReadOnlySpan<byte> value)
    {
        if (value.StartsWith("k8s:enc:"u8))
        {
            return new KubernetesValue(ValueForm.Encrypted, null, null, null, null, null);
        }

        try
        {
            return value.StartsWith("k8s\0"u8) ? Protobuf(value[4..]) : value.Length > 0 && value[0] == (byte)'{' ? Json(value) : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // runtime.Unknown: 1 is the type (1 apiVersion, 2 kind), 2 the object, whose first field is its metadata.
    private static KubernetesValue? Protobuf(ReadOnlySpan<byte> message)
    {
        string? kind = null;
        ReadOnlySpan<byte> item = default;
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                kind = TextOf(reader.Bytes, 2);
            }
            else if (reader.Field == 2)
            {
                item = reader.Bytes;
            }
        }

        var metadata = Part(item, 1);
        return string.IsNullOrEmpty(kind)
            ? null
            : new KubernetesValue(
                ValueForm.Protobuf, kind, TextOf(metadata, 3), TextOf(metadata, 1), TextOf(metadata, 5), kind == "Lease" ? Renewal(item) : null);
    }

    // LeaseSpec is field 2, renewTime its field 4: seconds and nanoseconds.
    private static DateTimeOffset? Renewal(ReadOnlySpan<byte> lease)
    {
        var reader = new ProtoReader(Part(Part(lease, 2), 4));
        long seconds = 0, nanos = 0;
        while (reader.Next())
        {
            seconds = reader.Field == 1 ? (long)reader.Number : seconds;
            nanos = reader.Field == 2 ? (long)reader.Number : nanos;
        }

        return seconds is > 0 and < 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100) : null;
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            if (reader.Field == field)
            {
                return reader.Bytes;
            }
        }

        return default;
    }

    private static string? TextOf(ReadOnlySpan<byte> message, int field) =>
        Part(message, field) is { IsEmpty: false } text ? Encoding.UTF8.GetString(text) : null;

    private static KubernetesValue? Json(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var metadata = root.TryGetProperty("metadata", out var found) ? found : default;
        return Member(root, "kind") is not { Length: > 0 } kind
            ? null
            : new KubernetesValue(
                ValueForm.Json, kind, Member(metadata, "namespace"), Member(metadata, "name"), Member(metadata, "uid"),
                kind == "Lease" && root.TryGetProperty("spec", out var spec) && DateTimeOffset.TryParse(
                    Member(spec, "renewTime"), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var renewed)
                    ? renewed
                    : null);
    }

    private static string? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
