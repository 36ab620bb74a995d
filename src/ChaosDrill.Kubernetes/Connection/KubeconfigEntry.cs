using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>A named entry of a kubeconfig and the file it stands in; reads its members with their types checked.</summary>
internal sealed record KubeconfigEntry(string Kind, string Name, string File, KubeconfigMap Map)
{
    /// <summary>The entry for messages, for example <c>cluster "prod" in /home/me/.kube/config</c>.</summary>
    public string Origin => $"{Kind} \"{Name}\" in {File}";

    public string? Text(string member) => Scalar(Map, member)?.Value is { Length: > 0 } text ? text : null;

    public bool Flag(string member) => Flag(Map, member);

    public KubeconfigMap? Submap(string member) => Submap(Map, member);

    public IReadOnlyList<string> Texts(string member) => Texts(Map, member);

    /// <summary>A path of the file system, relative to the kubeconfig's directory.</summary>
    public string? FilePath(string member) => Text(member) is { } path ? System.IO.Path.Combine(Directory, path) : null;

    public string Directory => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(File)) ?? "/";

    /// <summary>What <c>NAME-data</c> holds, else what the file <c>NAME</c> holds, as kubectl chooses.</summary>
    public (string Pem, string Origin)? Pem(string member)
    {
        if (Text(member + "-data") is { } data)
        {
            var origin = $"{Origin}: {member}-data";
            return (Certificates.Decode(data, origin), origin);
        }

        return FilePath(member) is { } path ? (Certificates.Read(path, $"{member} of {Origin}"), $"{path} ({member} of {Origin})") : null;
    }

    public static KubeconfigScalar? Scalar(KubeconfigMap map, string member) => map.Members.GetValueOrDefault(member) switch
    {
        null => null,
        KubeconfigScalar scalar => scalar.IsNull ? null : scalar,
        var other => throw Wrong(other, member, "a text"),
    };

    public static bool Flag(KubeconfigMap map, string member) => Scalar(map, member) switch
    {
        null => false,
        { IsPlain: true, Value: "true" or "True" or "TRUE" } => true,
        { IsPlain: true, Value: "false" or "False" or "FALSE" } => false,
        var other => throw Wrong(other, member, "true or false"),
    };

    public static KubeconfigMap? Submap(KubeconfigMap map, string member) => map.Members.GetValueOrDefault(member) switch
    {
        null or KubeconfigScalar { IsNull: true } => null,
        KubeconfigMap inner => inner,
        var other => throw Wrong(other, member, "a mapping"),
    };

    public static KubeconfigList? List(KubeconfigMap map, string member) => map.Members.GetValueOrDefault(member) switch
    {
        null or KubeconfigScalar { IsNull: true } => null,
        KubeconfigList inner => inner,
        var other => throw Wrong(other, member, "a list"),
    };

    public static IReadOnlyList<string> Texts(KubeconfigMap map, string member) =>
        List(map, member)?.Items.Select(item => item is KubeconfigScalar scalar ? scalar.Value : throw Wrong(item, member, "a list of texts")).ToList() ?? [];

    /// <summary>A part of the entry as JSON, for exec plugins that want it.</summary>
    public static JsonElement Json(KubeconfigNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            var budget = 10_000;
            Write(writer, node, ref budget);
        }

        using var document = JsonDocument.Parse(buffer.ToArray());
        return document.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter writer, KubeconfigNode node, ref int budget)
    {
        // Aliases may multiply a small file without end.
        if (--budget < 0)
        {
            throw new KubeconfigException($"{node.Place}: too many entries");
        }

        switch (node)
        {
            case KubeconfigScalar { IsNull: true }:
                writer.WriteNullValue();
                break;
            case KubeconfigScalar { IsPlain: true, Value: "true" or "false" } flag:
                writer.WriteBooleanValue(flag.Value == "true");
                break;
            case KubeconfigScalar { IsPlain: true } number when long.TryParse(number.Value, out var whole):
                writer.WriteNumberValue(whole);
                break;
            case KubeconfigScalar scalar:
                writer.WriteStringValue(scalar.Value);
                break;
            case KubeconfigList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(writer, item, ref budget);
                }

                writer.WriteEndArray();
                break;
            case KubeconfigMap map:
                writer.WriteStartObject();
                foreach (var (name, value) in map.Members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, value, ref budget);
                }

                writer.WriteEndObject();
                break;
        }
    }

    // The value found is not quoted: it may be a credential in the wrong place.
    public static KubeconfigException Wrong(KubeconfigNode found, string member, string wanted) =>
        new($"{found.Place}: \"{member}\" must be {wanted}, and is {(found switch { KubeconfigMap => "a mapping", KubeconfigList => "a list", _ => "a text" })}");
}
