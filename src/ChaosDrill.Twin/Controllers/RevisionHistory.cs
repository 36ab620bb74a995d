using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The controller revisions by which stateful and daemon sets remember their templates.</summary>
internal sealed class RevisionHistory(ControlPlane plane)
{
    public const string HashLabel = "controller-revision-hash";

    /// <summary>The revision that holds the present template: found, brought to the front, or made. Old ones beyond the limit are dropped.</summary>
    /// <param name="owner">The set.</param>
    /// <param name="live">Whether a revision, by its name, is still in use.</param>
    public StoredObject Sync(StoredObject owner, Func<string, bool> live)
    {
        var revisions = Of(owner);
        var template = owner.Spec.Obj("template")!.Copy();
        template["$patch"] = "replace";
        var data = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
        var last = revisions.Count == 0 ? 0 : Number(revisions[^1]);
        var current = revisions.Find(r => JsonNode.DeepEquals(r.Json["data"], data));
        if (current is null)
        {
            var hash = TemplateHash.Of(owner.Spec.Obj("template")!, owner.Status.Int("collisionCount") ?? 0);
            var labels = owner.Spec.Obj("template").Obj("metadata").Obj("labels")?.Copy() ?? [];
            labels[HashLabel] = owner.Type == BuiltInTypes.StatefulSets ? $"{owner.Name}-{hash}" : hash;
            current = plane.Registry.Create(BuiltInTypes.ControllerRevisions, owner.Namespace, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = $"{owner.Name}-{hash}",
                    ["labels"] = labels,
                    ["annotations"] = owner.Metadata.Obj("annotations")?.DeepClone(),
                    ["ownerReferences"] = new JsonArray(Owners.Reference(owner)),
                },
                ["data"] = data,
                ["revision"] = last + 1,
            });
        }
        else if (Number(current) < last)
        {
            current = plane.Registry.Change(current, json => json["revision"] = last + 1);
        }

        var idle = revisions.FindAll(r => r.Uid != current.Uid && !live(r.Name));
        foreach (var old in idle.Take(Math.Max(0, idle.Count - (int)(owner.Spec.Int("revisionHistoryLimit") ?? 10))))
        {
            plane.Registry.Delete(old, null);
        }

        return current;
    }

    /// <summary>The template that a revision holds; the present one when it is gone.</summary>
    public JsonObject Template(StoredObject owner, string revision)
    {
        var template = plane.Store.Find(BuiltInTypes.ControllerRevisions, owner.Namespace, revision)?.Json.Obj("data").Obj("spec").Obj("template")?.Copy() ?? owner.Spec.Obj("template")!.Copy();
        template.Remove("$patch");
        return template;
    }

    private List<StoredObject> Of(StoredObject owner) =>
        [.. plane.Store.OwnedBy(owner.Uid, BuiltInTypes.ControllerRevisions).FindAll(r => Owners.Controls(owner, r)).OrderBy(Number)];

    private static long Number(StoredObject revision) => revision.Json.Int("revision") ?? 0;
}
