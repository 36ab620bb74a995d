using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Json;

/// <summary>RFC 7386.</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = target.Copy();
        Merge(result, patch);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(key);
                    break;
                case JsonObject child:
                    Merge(target.Child(key), child);
                    break;
                default:
                    target[key] = value.DeepClone();
                    break;
            }
        }
    }
}
