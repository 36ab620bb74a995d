using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Writes into each quota's status what it limits and what is used of it. Only what stands there is enforced.</summary>
internal sealed class ResourceQuotaController(ControlPlane plane) : Controller(plane)
{
    public override void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.ResourceQuotas)
        {
            Enqueue(change.Object.Key);
        }
        else if (change.Kind != ChangeKind.Modified || change.Object.Type == BuiltInTypes.Pods)
        {
            foreach (var quota in Store.List(BuiltInTypes.ResourceQuotas, change.Object.Namespace))
            {
                Enqueue(quota.Key);
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } quota)
        {
            return;
        }

        Registry.Change(quota, json =>
        {
            var hard = json.Obj("spec").Obj("hard") ?? [];
            json["status"] = new JsonObject
            {
                ["hard"] = hard.DeepClone(),
                ["used"] = new JsonObject(hard.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)Quantity.Format(QuotaUsage.InUse(Store, quota.Namespace, h.Key))))),
            };
        });
    }
}
