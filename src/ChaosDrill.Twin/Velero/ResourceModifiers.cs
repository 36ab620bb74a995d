using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Velero;

/// <summary>The rules of a resource modifier config map: which objects of the backup are changed before they are restored, and how.</summary>
/// <remarks>Conditions on group and resource, name and original namespaces, with merge patches; the other kinds of patch are not imitated.</remarks>
internal static class ResourceModifiers
{
    public static void Apply(JsonObject modifiers, BackedUpItem item, JsonObject json)
    {
        foreach (var rule in modifiers.Arr("resourceModifierRules").Objects())
        {
            var conditions = rule.Obj("conditions");
            if (conditions.Str("groupResource") != item.Type.QualifiedPlural ||
                (conditions.Str("resourceNameRegex") is { Length: > 0 } pattern && !Regex.IsMatch(item.Name, pattern)) ||
                (conditions.Arr("namespaces") is { Count: > 0 } namespaces && !namespaces.Strings().Contains(item.Namespace)))
            {
                continue;
            }

            foreach (var patch in rule.Arr("mergePatches").Objects())
            {
                if (patch.Str("patchData") is { } text && YamlText.ToJson(text) is JsonObject change)
                {
                    var patched = MergePatch.Apply(json, change);
                    foreach (var field in json.Select(f => f.Key).ToList())
                    {
                        json.Remove(field);
                    }

                    foreach (var (field, value) in patched)
                    {
                        json[field] = value?.DeepClone();
                    }
                }
            }
        }
    }
}
