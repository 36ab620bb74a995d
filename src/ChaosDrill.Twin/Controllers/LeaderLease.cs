using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The lease by which the scheduler or the controller manager says that it leads, renewed every two seconds while it runs.</summary>
internal sealed class LeaderLease(ControlPlane plane, string component, Func<bool> isRunning)
{
    private const string Namespace = "kube-system";

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(2);

    public void Start() => Tick();

    private void Tick()
    {
        plane.Loop.After(RenewEvery, Tick);
        if (plane.Gate.IsUp && isRunning())
        {
            Renew();
        }
    }

    private void Renew()
    {
        if (plane.Store.Find(BuiltInTypes.Leases, Namespace, component) is { } lease)
        {
            plane.Registry.Change(lease, json => json.Child("spec")["renewTime"] = Timestamps.Micros(plane.Now));
            return;
        }

        plane.Registry.Create(BuiltInTypes.Leases, Namespace, new JsonObject
        {
            ["kind"] = "Lease",
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = component },
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = "twin_" + component,
                ["leaseDurationSeconds"] = 15L,
                ["acquireTime"] = Timestamps.Micros(plane.Now),
                ["renewTime"] = Timestamps.Micros(plane.Now),
                ["leaseTransitions"] = 0L,
            },
        });
    }
}
