using System.Text.Json.Nodes;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Schemas;

/// <summary>The types of the Kubernetes API, read from <c>types.txt</c> when they are first needed.</summary>
internal static class TypeSchemas
{
    private static readonly Lazy<Dictionary<string, MessageType>> All = new(Load);

    public static IReadOnlyDictionary<string, MessageType> Types => All.Value;

    public static MessageType? Find(string name) => All.Value.GetValueOrDefault(name);

    public static MessageType? Find(string apiVersion, string kind) => Find(NameOf(apiVersion, kind));

    /// <summary>Complaints about fields that the type does not have, in the server's words.</summary>
    public static List<string> Unknown(ResourceType type, JsonObject json)
    {
        var complaints = new List<string>();
        if (Find(type.ApiVersion, type.Kind) is { } message)
        {
            Check(message, json, "", complaints, root: true);
        }

        return complaints;
    }

    private static string NameOf(string apiVersion, string kind)
    {
        var at = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = at < 0 ? "core" : apiVersion[..at].Split('.')[0];
        return $"{group}.{apiVersion[(at + 1)..]}.{kind}";
    }

    private static void Check(MessageType type, JsonObject json, string path, List<string> complaints, bool root = false)
    {
        foreach (var (key, value) in json)
        {
            if (root && key is "kind" or "apiVersion")
            {
                continue;
            }

            var own = path.Length == 0 ? key : $"{path}.{key}";
            if (type.ByName(key) is not { } field)
            {
                complaints.Add($"unknown field \"{own}\"");
                continue;
            }

            if (Find(field.Type) is not { } inner)
            {
                continue;
            }

            switch (field.Shape, value)
            {
                case (MessageType.Field.Many.One, JsonObject child):
                    Check(inner, child, own, complaints);
                    break;
                case (MessageType.Field.Many.List, JsonArray items):
                    for (var i = 0; i < items.Count; i++)
                    {
                        if (items[i] is JsonObject item)
                        {
                            Check(inner, item, $"{own}[{i}]", complaints);
                        }
                    }

                    break;
                case (MessageType.Field.Many.Map, JsonObject map):
                    foreach (var (name, item) in map)
                    {
                        if (item is JsonObject entry)
                        {
                            Check(inner, entry, $"{own}.{name}", complaints);
                        }
                    }

                    break;
            }
        }
    }

    private static Dictionary<string, MessageType> Load()
    {
        using var stream = typeof(TypeSchemas).Assembly.GetManifestResourceStream("ChaosDrill.Twin.Api.Schemas.types.txt")!;
        using var reader = new StreamReader(stream);
        var found = new Dictionary<string, MessageType>(StringComparer.Ordinal);
        List<MessageType.Field> fields = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.Length == 0)
            {
                continue;
            }

            if (line.StartsWith('='))
            {
                var head = line[1..].Split(' ', 2);
                fields = [];
                found[head[0]] = new MessageType(head[0], head.Length > 1 ? head[1] : "", fields);
                continue;
            }

            var parts = line.Split(' ', 4);
            var shape = parts[2][0] switch { '*' => MessageType.Field.Many.List, '%' => MessageType.Field.Many.Map, _ => MessageType.Field.Many.One };
            fields.Add(new(int.Parse(parts[0]), parts[1], parts[2].TrimStart('*', '%'), shape, parts.Length > 3 ? parts[3] : ""));
        }

        return found;
    }
}
