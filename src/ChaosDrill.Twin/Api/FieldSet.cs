using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api;

/// <summary>The fields of an object as paths, in the way of FieldsV1: <c>f:</c> names, <c>k:</c> keys of list items.</summary>
internal sealed class FieldSet
{
    private const char Separator = '\u0001';

    private static readonly HashSet<string> ServersOwn = new(StringComparer.Ordinal)
    {
        "name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "managedFields", "selfLink",
    };

    /// <summary>Path to value; null for the mark of a list item.</summary>
    private readonly Dictionary<string, JsonNode?> paths = new(StringComparer.Ordinal);

    public IEnumerable<string> Paths => paths.Keys;

    public static FieldSet Of(JsonObject json)
    {
        var set = new FieldSet();
        foreach (var (key, value) in json)
        {
            if (key is "kind" or "apiVersion" or "status")
            {
                continue;
            }

            if (key == "metadata" && value is JsonObject metadata)
            {
                foreach (var (name, field) in metadata.Where(m => !ServersOwn.Contains(m.Key)))
                {
                    set.Add($"f:metadata{Separator}f:{name}", field, ["metadata", name]);
                }
            }
            else
            {
                set.Add($"f:{key}", value, [key]);
            }
        }

        return set;
    }

    public bool Contains(string path) => paths.ContainsKey(path);

    public bool IsLeaf(string path) => paths.GetValueOrDefault(path) is not null;

    /// <summary>Paths that are new here or have another value.</summary>
    public HashSet<string> ChangedFrom(FieldSet before) =>
        paths.Where(p => !before.paths.TryGetValue(p.Key, out var old) || !JsonNode.DeepEquals(old, p.Value)).Select(p => p.Key).ToHashSet(StringComparer.Ordinal);

    public static HashSet<string> FromFieldsV1(JsonObject? fields)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        Walk(fields, "");
        return found;

        void Walk(JsonObject? node, string path)
        {
            if (node is null)
            {
                return;
            }

            if (path.Length > 0 && (node.Count == 0 || node.ContainsKey(".")))
            {
                found.Add(path);
            }

            foreach (var (key, child) in node.Where(n => n.Key != "."))
            {
                Walk(child as JsonObject, path.Length == 0 ? key : path + Separator + key);
            }
        }
    }

    public static JsonObject ToFieldsV1(IEnumerable<string> fields)
    {
        var root = new JsonObject();
        foreach (var path in fields.Order(StringComparer.Ordinal))
        {
            var node = root;
            var parts = path.Split(Separator);
            foreach (var part in parts)
            {
                node = node.Child(part);
            }

            if (parts[^1].StartsWith("k:", StringComparison.Ordinal))
            {
                node["."] = new JsonObject();
            }
        }

        return root;
    }

    /// <summary>As conflicts show it: <c>.spec.containers[name="app"].image</c>.</summary>
    public static string Show(string path) => string.Concat(path.Split(Separator).Select(part =>
        part.StartsWith("f:", StringComparison.Ordinal) ? "." + part[2..]
        : JsonNode.Parse(part[2..]) is JsonObject key ? $"[{string.Join(",", key.Select(k => $"{k.Key}={k.Value?.ToJsonString()}"))}]" : part));

    /// <summary>Takes fields out of an object; what they leave empty goes too.</summary>
    public static void Remove(JsonObject json, HashSet<string> fields)
    {
        // Whole list items first: once their key is gone they cannot be found any more.
        foreach (var path in fields.OrderBy(f => !f[(f.LastIndexOf(Separator) + 1)..].StartsWith("k:", StringComparison.Ordinal)).ThenByDescending(f => f.Length))
        {
            RemoveAt(json, path.Split(Separator), 0, []);
        }
    }

    /// <summary>Sets everything that a configuration says.</summary>
    public static void MergeInto(JsonObject target, JsonObject applied, List<string> path)
    {
        foreach (var (key, value) in applied)
        {
            path.Add(key);
            if (value is JsonObject child)
            {
                if (target[key] is not JsonObject)
                {
                    target[key] = new JsonObject();
                }

                MergeInto(target.Child(key), child, path);
            }
            else if (value is JsonArray items && MergeKeys.ForApply(path) is { } keys && target[key] is JsonArray list)
            {
                foreach (var item in items.Objects())
                {
                    if (list.Objects().FirstOrDefault(o => Same(o, item, keys)) is { } existing)
                    {
                        MergeInto(existing, item, path);
                    }
                    else
                    {
                        list.Add(item.DeepClone());
                    }
                }
            }
            else if (value is not null)
            {
                target[key] = value.DeepClone();
            }

            path.RemoveAt(path.Count - 1);
        }
    }

    private void Add(string path, JsonNode? value, List<string> names)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } json:
                foreach (var (key, child) in json)
                {
                    names.Add(key);
                    Add($"{path}{Separator}f:{key}", child, names);
                    names.RemoveAt(names.Count - 1);
                }

                break;
            case JsonArray array when MergeKeys.ForApply(names) is { } keys:
                foreach (var item in array.Objects())
                {
                    var own = $"{path}{Separator}k:{KeyOf(item, keys)}";
                    paths[own] = null;
                    foreach (var (key, child) in item)
                    {
                        names.Add(key);
                        Add($"{own}{Separator}f:{key}", child, names);
                        names.RemoveAt(names.Count - 1);
                    }
                }

                break;
            case null:
                break;
            default:
                paths[path] = value;
                break;
        }
    }

    private static string KeyOf(JsonObject item, string[] keys)
    {
        var key = new JsonObject();
        foreach (var name in keys.Order(StringComparer.Ordinal))
        {
            key[name] = name == "protocol" ? item.Str(name) ?? "TCP" : item[name]?.DeepClone();
        }

        return key.ToJsonString();
    }

    private static bool Same(JsonObject left, JsonObject right, string[] keys) => KeyOf(left, keys) == KeyOf(right, keys);

    private static bool RemoveAt(JsonObject node, string[] parts, int at, List<string> names)
    {
        var name = parts[at][2..];
        names.Add(name);
        if (at == parts.Length - 1)
        {
            return node.Remove(name);
        }

        if (parts[at + 1].StartsWith("k:", StringComparison.Ordinal))
        {
            if (node[name] is JsonArray list && MergeKeys.ForApply(names) is { } keys && list.Objects().FirstOrDefault(o => KeyOf(o, keys) == parts[at + 1][2..]) is { } item)
            {
                if (at + 1 == parts.Length - 1)
                {
                    list.Remove(item);
                    return true;
                }

                return RemoveAt(item, parts, at + 2, names);
            }

            return false;
        }

        if (node[name] is not JsonObject child || !RemoveAt(child, parts, at + 1, names))
        {
            return false;
        }

        if (child.Count == 0)
        {
            node.Remove(name);
        }

        return true;
    }
}
