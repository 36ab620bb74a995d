using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>A storage provisioner: gives every claim a volume of its own, and takes it away with the claim.</summary>
/// <remarks>
/// What is on a disk stands in an annotation of its volume, so that a backup of objects does not carry it. A claim's own
/// annotation says what is on the disk when it is made, and moves there; a restored claim's disk is empty until its data is restored.
/// </remarks>
internal sealed class VolumeController(ControlPlane plane) : Controller(plane)
{
    public override void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.PersistentVolumeClaims)
        {
            Enqueue(change.Object.Key);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } claim)
        {
            Release(key);
            return;
        }

        if (claim.IsDeleting || claim.Status.Str("phase") == "Bound")
        {
            return;
        }

        var name = claim.Spec.Str("volumeName") is { Length: > 0 } wanted ? wanted : $"pvc-{claim.Uid}";
        if (Store.Find(BuiltInTypes.PersistentVolumes, "", name) is null)
        {
            Provision(claim, name);
        }

        Registry.Change(claim, json =>
        {
            json.Child("spec")["volumeName"] = name;
            var annotations = json.Meta().Child("annotations");
            annotations.Remove(TwinAnnotations.VolumeData);
            annotations["pv.kubernetes.io/bind-completed"] = "yes";
            annotations["pv.kubernetes.io/bound-by-controller"] = "yes";
            var status = json.Child("status");
            status["phase"] = "Bound";
            status["accessModes"] = json.Obj("spec")?["accessModes"]?.DeepClone();
            status["capacity"] = json.Obj("spec").Obj("resources").Obj("requests")?.DeepClone();
        });
    }

    private void Provision(StoredObject claim, string name)
    {
        var data = claim.Metadata.Obj("annotations").Str(TwinAnnotations.VolumeData);
        var volume = Registry.Create(BuiltInTypes.PersistentVolumes, "", new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["annotations"] = data is null ? null : new JsonObject { [TwinAnnotations.VolumeData] = data },
            },
            ["spec"] = new JsonObject
            {
                ["accessModes"] = claim.Spec?["accessModes"]?.DeepClone(),
                ["capacity"] = claim.Spec.Obj("resources").Obj("requests")?.DeepClone(),
                ["claimRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1", ["kind"] = "PersistentVolumeClaim", ["namespace"] = claim.Namespace, ["name"] = claim.Name, ["uid"] = claim.Uid,
                },
                ["persistentVolumeReclaimPolicy"] = claim.Metadata.Obj("annotations").Str(TwinAnnotations.ReclaimPolicy) ?? "Delete",
            },
        });
        Registry.Change(volume, json => json["status"] = new JsonObject { ["phase"] = "Bound" });
    }

    private void Release(ObjectKey claim)
    {
        foreach (var volume in Store.List(BuiltInTypes.PersistentVolumes).Where(v => v.Spec.Obj("claimRef") is { } reference &&
            reference.Str("namespace") == claim.Namespace && reference.Str("name") == claim.Name).ToList())
        {
            if (volume.Spec.Str("persistentVolumeReclaimPolicy") == "Retain")
            {
                Registry.Change(volume, json => json["status"] = new JsonObject { ["phase"] = "Released" });
            }
            else
            {
                Registry.Delete(volume, null);
            }
        }
    }
}
