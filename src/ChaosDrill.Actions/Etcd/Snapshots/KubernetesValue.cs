using System.Globalization;
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

    // Token by token, for there can be a million: nothing is kept but a few texts. All of it is read, so that what is cut off is noticed.
    private static KubernetesValue? Json(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        string? kind = null, ns = null, name = null, uid = null, renewed = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("kind"u8))
            {
                kind = StringOf(ref reader);
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                for (var inside = Enters(ref reader); inside && reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
                {
                    _ = reader.ValueTextEquals("name"u8) ? name = StringOf(ref reader)
                        : reader.ValueTextEquals("namespace"u8) ? ns = StringOf(ref reader)
                        : reader.ValueTextEquals("uid"u8) ? uid = StringOf(ref reader)
                        : StringOf(ref reader);
                }
            }
            else if (kind == "Lease" && reader.ValueTextEquals("spec"u8))
            {
                for (var inside = Enters(ref reader); inside && reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
                {
                    _ = reader.ValueTextEquals("renewTime"u8) ? renewed = StringOf(ref reader) : StringOf(ref reader);
                }
            }
            else
            {
                StringOf(ref reader);
            }
        }

        return string.IsNullOrEmpty(kind)
            ? null
            : new KubernetesValue(
                ValueForm.Json, kind, ns, name, uid,
                DateTimeOffset.TryParse(renewed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null);
    }

    /// <summary>Goes to a member's value; whether that is an object, whose members come next. Anything else is passed over.</summary>
    private static bool Enters(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>A member's value when it is a text; null, and passed over, when it is anything else.</summary>
    private static string? StringOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }
}
