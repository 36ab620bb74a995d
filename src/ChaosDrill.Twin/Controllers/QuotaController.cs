using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Keeps the status of resource quotas: what is limited, and how much of it is used.</summary>
internal sealed class QuotaController(ControlPlane plane) : Controller(plane)
{
    private readonly Quotas quotas = new(plane);

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type == BuiltInTypes.ResourceQuotas)
        {
            Enqueue(stored.Key);
        }
        else if (stored.Namespace.Length > 0 && (change.Kind == ChangeKind.Deleted || stored.Type == BuiltInTypes.Pods))
        {
            foreach (var quota in Store.List(BuiltInTypes.ResourceQuotas, stored.Namespace))
            {
                Enqueue(quota.Key);
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { IsDeleting: false } quota)
        {
            return;
        }

        var used = new JsonObject();
        foreach (var (resource, amount) in quotas.Count(quota))
        {
            used[resource] = Quantity.Format(resource, amount);
        }

        Registry.Change(quota, json => json["status"] = new JsonObject { ["hard"] = quota.Spec?["hard"]?.DeepClone() ?? new JsonObject(), ["used"] = used });
    }
}
