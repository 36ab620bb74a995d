using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Api.Schemas;

/// <summary>Bodies in <c>application/vnd.kubernetes.protobuf</c>, which newer kubectl sends for typed objects, as JSON.</summary>
internal static class ProtobufBody
{
    /// <exception cref="ApiException">400: not such a body, or of an unknown type.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
        {
            throw Failure.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        var unknown = new Wire(body[4..]);
        while (unknown.Next(out var number, out _, out var bytes))
        {
            if (number == 1)
            {
                var meta = new Wire(bytes);
                while (meta.Next(out var part, out _, out var text))
                {
                    (apiVersion, kind) = part == 1 ? (Encoding.UTF8.GetString(text), kind) : (apiVersion, Encoding.UTF8.GetString(text));
                }
            }
            else if (number == 2)
            {
                raw = bytes;
            }
        }

        var name = kind == "DeleteOptions" ? "meta.v1.DeleteOptions" : null;
        var type = (name is null ? TypeSchemas.Find(apiVersion, kind) : TypeSchemas.Find(name))
            ?? throw Failure.BadRequest($"no kind \"{kind}\" is registered for version \"{apiVersion}\" in scheme \"twin\"");
        var json = new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion };
        Message(type, raw, json);
        return json;
    }

    private static void Message(MessageType type, ReadOnlySpan<byte> bytes, JsonObject json)
    {
        var wire = new Wire(bytes);
        while (wire.Next(out var number, out var integer, out var chunk))
        {
            if (type.ByNumber(number) is not { } field)
            {
                continue;
            }

            if (field.IsInline)
            {
                if (TypeSchemas.Find(field.Type) is { } inner)
                {
                    Message(inner, chunk, json);
                }
            }
            else if (field.Shape == MessageType.Field.Many.Map)
            {
                MapEntry(field, chunk, json);
            }
            else if (field.Shape == MessageType.Field.Many.List)
            {
                if (json[field.Name] is not JsonArray list)
                {
                    json[field.Name] = list = [];
                }

                list.Add(Value(field.Type, integer, chunk));
            }
            else if (Value(field.Type, integer, chunk) is { } value && !IsZero(field, value))
            {
                json[field.Name] = value;
            }
        }
    }

    private static void MapEntry(MessageType.Field field, ReadOnlySpan<byte> bytes, JsonObject json)
    {
        if (json[field.Name] is not JsonObject map)
        {
            json[field.Name] = map = [];
        }

        var key = "";
        JsonNode? value = field.Type is "s" or "y" ? "" : null;
        var entry = new Wire(bytes);
        while (entry.Next(out var part, out var integer, out var chunk))
        {
            if (part == 1)
            {
                key = Encoding.UTF8.GetString(chunk);
            }
            else
            {
                value = Value(field.Type, integer, chunk);
            }
        }

        map[key] = value;
    }

    private static JsonNode? Value(string type, long integer, ReadOnlySpan<byte> bytes)
    {
        switch (type)
        {
            case "s":
                return Encoding.UTF8.GetString(bytes);
            case "b":
                return integer != 0;
            case "i":
                return integer;
            case "d":
                return BitConverter.Int64BitsToDouble(integer);
            case "y":
                return Convert.ToBase64String(bytes);
            case "meta.v1.Time" or "meta.v1.MicroTime":
                return Time(type, bytes);
            case "Quantity":
                var quantity = new Wire(bytes);
                return quantity.Next(out _, out _, out var amount) ? Encoding.UTF8.GetString(amount) : "0";
            case "IntOrString":
                return IntOrString(bytes);
            case "RawExtension" or "meta.v1.FieldsV1":
                var extension = new Wire(bytes);
                return extension.Next(out _, out _, out var raw) ? JsonNode.Parse(raw, documentOptions: new JsonDocumentOptions { MaxDepth = 128 }) : null;
        }

        if (TypeSchemas.Find(type) is not { } message)
        {
            return null;
        }

        var json = new JsonObject();
        Message(message, bytes, json);
        return message.Fields is [{ Name: "items", Shape: MessageType.Field.Many.List, Type: "s" }] ? json["items"]?.DeepClone() : json;
    }

    private static string? Time(string type, ReadOnlySpan<byte> bytes)
    {
        long seconds = 0, nanos = 0;
        var any = false;
        var wire = new Wire(bytes);
        while (wire.Next(out var part, out var integer, out _))
        {
            any = true;
            (seconds, nanos) = part == 1 ? (integer, nanos) : (seconds, integer);
        }

        var time = DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddTicks(nanos / 100);
        return !any ? null : type == "meta.v1.Time" ? Timestamps.Seconds(time) : Timestamps.Micros(time);
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> bytes)
    {
        long kind = 0, number = 0;
        var text = "";
        var wire = new Wire(bytes);
        while (wire.Next(out var part, out var integer, out var chunk))
        {
            switch (part)
            {
                case 1:
                    kind = integer;
                    break;
                case 2:
                    number = integer;
                    break;
                default:
                    text = Encoding.UTF8.GetString(chunk);
                    break;
            }
        }

        return kind == 0 ? number : text;
    }

    /// <summary>Go writes every field that is not a pointer; an empty string means that nothing was said.</summary>
    private static bool IsZero(MessageType.Field field, JsonNode value) => field.Type switch
    {
        "s" => ((string)value!).Length == 0,
        "i" => (long)value == 0 && field.Name is not ("replicas" or "terminationGracePeriodSeconds" or "gracePeriodSeconds" or "revisionHistoryLimit" or "partition" or "backoffLimit"),
        "b" => !(bool)value && field.Name is not ("automountServiceAccountToken" or "enableServiceLinks" or "optional" or "allowPrivilegeEscalation" or "runAsNonRoot" or "orphanDependents"),
        _ => value is JsonObject { Count: 0 } && field.Name is "status" or "resources" or "strategy" or "rollingUpdate",
    };

    /// <summary>Reads fields off the wire; damaged input is refused.</summary>
    private ref struct Wire(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> rest = bytes;

        public bool Next(out int number, out long integer, out ReadOnlySpan<byte> chunk)
        {
            number = 0;
            integer = 0;
            chunk = default;
            if (rest.IsEmpty)
            {
                return false;
            }

            var tag = Varint();
            number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    integer = Varint();
                    return true;
                case 1:
                    integer = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
                    return true;
                case 2:
                    var length = Varint();
                    chunk = Take(length is >= 0 and <= int.MaxValue ? (int)length : int.MaxValue);
                    return true;
                case 5:
                    integer = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                    return true;
                default:
                    throw Damaged();
            }
        }

        private long Varint()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var octet = Take(1)[0];
                value |= (ulong)(octet & 0x7f) << shift;
                if (octet < 0x80)
                {
                    return (long)value;
                }
            }

            throw Damaged();
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > rest.Length)
            {
                throw Damaged();
            }

            var taken = rest[..count];
            rest = rest[count..];
            return taken;
        }

        private static ApiException Damaged() => Failure.BadRequest("the protobuf body is damaged");
    }
}
