using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Storage;

/// <summary>One version of one object. Its JSON is never changed; a writer copies it.</summary>
internal sealed class StoredObject
{
    internal static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private JsonObject? json;
    private WeakReference<JsonObject>? faded;
    private byte[]? bytes;
    private byte[]? listBytes;

    public StoredObject(ResourceType type, JsonObject json, long version)
    {
        Type = type;
        this.json = json;
        Version = version;
        var metadata = json.Obj("metadata")!;
        Namespace = metadata.Str("namespace") ?? "";
        Name = metadata.Str("name")!;
        Uid = metadata.Str("uid") ?? "";
    }

    public ResourceType Type { get; }

    public JsonObject Json => json ?? Revive();

    public JsonObject Metadata => Json.Obj("metadata")!;

    public long Version { get; }

    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    public ObjectKey Key => new(Type, Namespace, Name);

    public JsonObject? Labels => Metadata.Obj("labels");

    public JsonObject? Spec => Json.Obj("spec");

    public JsonObject? Status => Json.Obj("status");

    public bool IsDeleting => Metadata.ContainsKey("deletionTimestamp");

    /// <summary>As a get answers it; serialised once.</summary>
    public byte[] Bytes => bytes ??= Serialize(Json);

    /// <summary>As a list answers it: without kind and apiVersion, which only custom resources keep.</summary>
    public byte[] ListBytes
    {
        get
        {
            if (Type.Custom)
            {
                return Bytes;
            }

            if (listBytes is null)
            {
                var prefix = $"{{\"kind\":\"{Type.Kind}\",\"apiVersion\":\"{Type.ApiVersion}\",";
                var length = Encoding.UTF8.GetByteCount(prefix);
                var whole = Bytes;
                listBytes = new byte[whole.Length - length + 1];
                listBytes[0] = (byte)'{';
                whole.AsSpan(length).CopyTo(listBytes.AsSpan(1));
            }

            return listBytes;
        }
    }

    /// <summary>Keeps the bytes alone, a fifth of the size: for what is written by the thousand and hardly ever looked into.</summary>
    public void Fade()
    {
        if (json is not null)
        {
            _ = Bytes;
            faded = new(json);
            json = null;
        }
    }

    private JsonObject Revive()
    {
        if (!faded!.TryGetTarget(out var alive))
        {
            alive = (JsonObject)JsonNode.Parse(bytes)!;
            faded.SetTarget(alive);
        }

        return alive;
    }

    public static byte[] Serialize(JsonNode json)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
