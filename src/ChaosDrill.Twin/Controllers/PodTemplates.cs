using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Pods from the template of a workload.</summary>
internal static class PodTemplates
{
    /// <summary>A pod that its owner controls, ready to be created.</summary>
    public static JsonObject Compose(StoredObject owner, JsonObject? template)
    {
        var metadata = new JsonObject { ["generateName"] = owner.Name + "-", ["labels"] = template.Obj("metadata")?["labels"]?.DeepClone() };
        foreach (var field in (string[])["annotations", "finalizers"])
        {
            if (template.Obj("metadata")?[field] is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        metadata["ownerReferences"] = new JsonArray(Owners.Reference(owner));
        return new JsonObject { ["kind"] = "Pod", ["apiVersion"] = "v1", ["metadata"] = metadata, ["spec"] = template.Obj("spec")!.DeepClone() };
    }
}
