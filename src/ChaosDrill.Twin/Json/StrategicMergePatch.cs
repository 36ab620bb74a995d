using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;

namespace ChaosDrill.Twin.Json;

/// <summary>Kubernetes' own patch form: lists of named things are merged by their key; directives say what to drop, replace or reorder.</summary>
internal static class StrategicMergePatch
{
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = target.Copy();
        MergeObject(result, patch, []);
        return result;
    }

    private static void MergeObject(JsonObject target, JsonObject patch, List<string> path)
    {
        switch (patch.Str("$patch"))
        {
            case "replace":
                target.Clear();
                foreach (var (key, value) in patch.Where(p => p.Key != "$patch"))
                {
                    target[key] = value?.DeepClone();
                }

                return;
            case "delete":
                target.Clear();
                return;
        }

        if (patch.Arr("$retainKeys") is { } retained)
        {
            var keep = retained.Strings().ToHashSet();
            foreach (var key in target.Select(p => p.Key).Where(k => !keep.Contains(k)).ToArray())
            {
                target.Remove(key);
            }
        }

        foreach (var (key, value) in patch.Where(p => !p.Key.StartsWith('$')))
        {
            path.Add(key);
            MergeField(target, key, value, patch.Arr($"$setElementOrder/{key}"), path);
            path.RemoveAt(path.Count - 1);
        }

        foreach (var (directive, value) in patch.Where(p => p.Key.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal)))
        {
            var key = directive["$deleteFromPrimitiveList/".Length..];
            var gone = (value as JsonArray).Strings().ToHashSet();
            if (target.Arr(key) is { } list)
            {
                target[key] = JsonReading.ToArray(list.Where(v => v.AsStr() is not { } s || !gone.Contains(s)).Select(v => v?.DeepClone()));
            }
        }

        foreach (var (directive, value) in patch.Where(p => p.Key.StartsWith("$setElementOrder/", StringComparison.Ordinal)))
        {
            var key = directive["$setElementOrder/".Length..];
            if (!patch.ContainsKey(key) && target.Arr(key) is { } list)
            {
                path.Add(key);
                var mergeKey = MergeKeys.For(path);
                Reorder(list, (JsonArray)value!, [.. list.Select(i => IdOf(i, mergeKey)?.DeepClone())], mergeKey);
                path.RemoveAt(path.Count - 1);
            }
        }
    }

    private static void MergeField(JsonObject target, string key, JsonNode? value, JsonArray? order, List<string> path)
    {
        switch (value)
        {
            case null:
                target.Remove(key);
                break;
            case JsonObject child when child.Str("$patch") == "delete":
                target.Remove(key);
                break;
            case JsonObject child:
                if (target[key] is not JsonObject)
                {
                    target[key] = new JsonObject();
                }

                MergeObject(target.Child(key), child, path);
                break;
            case JsonArray items when MergeKeys.For(path) is { } mergeKey:
                List<JsonNode?> before = [.. (target.Arr(key) ?? []).Select(i => IdOf(i, mergeKey)?.DeepClone())];
                MergeList(target, key, items, mergeKey, path);
                Reorder(target.Arr(key)!, order ?? items, before, mergeKey);
                break;
            case JsonArray items when MergeKeys.IsSet(key):
                var set = target.Arr(key) ?? [];
                var known = set.Strings().ToHashSet();
                target[key] = JsonReading.ToArray(set.Concat(items.Where(i => i.AsStr() is not { } s || !known.Contains(s))).Select(i => i?.DeepClone()));
                break;
            default:
                target[key] = value.DeepClone();
                break;
        }
    }

    private static void MergeList(JsonObject target, string key, JsonArray items, string mergeKey, List<string> path)
    {
        if (items.Objects().Any(i => i.Str("$patch") == "replace"))
        {
            target[key] = JsonReading.ToArray(items.Objects().Where(i => i.Str("$patch") != "replace").Select(i => i.DeepClone()));
            return;
        }

        if (target[key] is not JsonArray list)
        {
            target[key] = list = [];
        }

        foreach (var item in items.Objects())
        {
            var id = item[mergeKey] ?? throw Failure.BadRequest($"map: {item.ToJsonString()} does not contain declared merge key: {mergeKey}");
            var existing = list.Objects().FirstOrDefault(o => JsonNode.DeepEquals(o[mergeKey], id));
            if (item.Str("$patch") == "delete")
            {
                if (existing is not null)
                {
                    list.Remove(existing);
                }
            }
            else if (existing is null)
            {
                var added = new JsonObject();
                MergeObject(added, item, path);
                list.Add(added);
            }
            else
            {
                MergeObject(existing, item, path);
            }
        }
    }

    /// <summary>What the patch names comes in its order; the rest goes before the first that followed it until now. Source: apimachinery strategicpatch, mergeSortedSlice.</summary>
    /// <param name="list">The merged list.</param>
    /// <param name="order">What the patch names.</param>
    /// <param name="before">The ids of the list before the patch.</param>
    /// <param name="mergeKey">By what items are told apart; null for plain values.</param>
    private static void Reorder(JsonArray list, JsonArray order, List<JsonNode?> before, string? mergeKey)
    {
        var wanted = order.Select(o => IdOf(o, mergeKey)).ToList();
        var named = new Queue<JsonNode?>(list.Where(i => Place(wanted, i) >= 0).OrderBy(i => Place(wanted, i)).ToList());
        var rest = new Queue<JsonNode?>(list.Where(i => Place(wanted, i) < 0).ToList());
        list.Clear();
        while (named.Count + rest.Count > 0)
        {
            var restFirst = named.Count == 0 || (rest.Count > 0 && Place(before, named.Peek()) is >= 0 and var next && Place(before, rest.Peek()) is >= 0 and var at && at < next);
            list.Add((restFirst ? rest : named).Dequeue());
        }

        int Place(List<JsonNode?> ids, JsonNode? item) => ids.FindIndex(id => JsonNode.DeepEquals(id, IdOf(item, mergeKey)));
    }

    private static JsonNode? IdOf(JsonNode? item, string? mergeKey) => mergeKey is null ? item : (item as JsonObject)?[mergeKey];
}
