using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Keeps the status of disruption budgets: how many pods are healthy, how many must be, and how many may go.</summary>
internal sealed class DisruptionController(ControlPlane plane) : Controller(plane)
{
    private const string Component = "controllermanager";

    /// <summary>How long an evicted pod may take to show a deletion timestamp before it counts again.</summary>
    private static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    public override void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.PodDisruptionBudgets && change.Kind != ChangeKind.Deleted)
        {
            Enqueue(change.Object.Key);
        }
        else if (change.Object.Type == BuiltInTypes.Pods)
        {
            foreach (var budget in Store.List(BuiltInTypes.PodDisruptionBudgets, change.Object.Namespace))
            {
                if (Budgets.Covers(budget, change.Object) || (change.Previous is { } before && Budgets.Covers(budget, before)))
                {
                    Enqueue(budget.Key);
                }
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { IsDeleting: false } budget)
        {
            return;
        }

        var pods = Store.PodsWith(budget.Namespace, budget.Spec.Obj("selector").Obj("matchLabels") ?? []).FindAll(p => Budgets.Covers(budget, p));
        if (pods.Count == 0)
        {
            Plane.Events.Record(budget, "Normal", "NoPods", "No matching pods found", Component);
        }

        var disrupted = StillDisrupted(budget, pods);
        string? failure = null;
        var (expected, desired) = Expect(budget, pods, ref failure);
        if (failure is not null)
        {
            Plane.Events.Record(budget, "Warning", "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {failure}", Component);
            Registry.Change(budget, json => Budgets.SetAllowed(json, 0, Plane.NowText, failure));
            return;
        }

        var healthy = pods.Count(p => !p.IsDeleting && !disrupted.ContainsKey(p.Name) && PodConditions.IsReady(p));
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        Registry.Change(budget, json =>
        {
            var status = new JsonObject { ["observedGeneration"] = budget.Metadata.Int("generation") ?? 1 };
            if (disrupted.Count > 0)
            {
                status["disruptedPods"] = disrupted;
            }

            status["disruptionsAllowed"] = allowed;
            status["currentHealthy"] = (long)healthy;
            status["desiredHealthy"] = desired;
            status["expectedPods"] = expected;
            if (json.Obj("status").Arr("conditions") is { } conditions)
            {
                status["conditions"] = conditions.DeepClone();
            }

            json["status"] = status;
            Budgets.SetAllowed(json, allowed, Plane.NowText);
        });
    }

    /// <summary>Evicted pods that have not been seen to be deleted yet: they do not count as healthy.</summary>
    private JsonObject StillDisrupted(StoredObject budget, List<StoredObject> pods)
    {
        var still = new JsonObject();
        foreach (var (name, time) in budget.Status.Obj("disruptedPods") ?? [])
        {
            var left = (Timestamps.Parse(time.AsStr()) ?? Plane.Now) + DeletionTimeout - Plane.Now;
            if (pods.Find(p => p.Name == name) is not { IsDeleting: false } pod)
            {
                continue;
            }

            if (left > TimeSpan.Zero)
            {
                still[name] = time?.DeepClone();
                EnqueueAfter(budget.Key, left);
            }
            else
            {
                Plane.Events.Record(pod, "Warning", "NotDeleted", $"Pod was expected by PDB {budget.Namespace}/{budget.Name} to be deleted but it wasn't", Component);
            }
        }

        return still;
    }

    private (long Expected, long Desired) Expect(StoredObject budget, List<StoredObject> pods, ref string? failure)
    {
        var minimum = budget.Spec?["minAvailable"];
        if (budget.Spec?["maxUnavailable"] is null && minimum.AsInt() is { } number)
        {
            return (pods.Count, number);
        }

        var expected = Scale(budget, pods, ref failure);
        return budget.Spec?["maxUnavailable"] is { } maximum
            ? (expected, Math.Max(0, expected - Amounts.Resolve(maximum, expected, roundUp: true)))
            : (expected, Amounts.Resolve(minimum, expected, roundUp: true));
    }

    /// <summary>How many pods the controllers of these pods want together.</summary>
    private long Scale(StoredObject budget, List<StoredObject> pods, ref string? failure)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var total = 0L;
        var unmanaged = false;
        foreach (var pod in pods)
        {
            if (Owners.Controller(pod).Str("uid") is not { } uid)
            {
                unmanaged = true;
                continue;
            }

            if (Store.FindByUid(uid) is not { } owner)
            {
                continue;
            }

            if (owner.Type == BuiltInTypes.ReplicaSets && Owners.ControllerOf(owner, "Deployment") is { } above && Store.FindByUid(above) is { } deployment)
            {
                owner = deployment;
            }

            if (!owner.Type.Has("scale"))
            {
                failure = $"{owner.Type.QualifiedPlural} does not implement the scale subresource";
            }
            else if (seen.Add(owner.Uid))
            {
                total += owner.Spec.Int("replicas") ?? 1;
            }
        }

        if (unmanaged)
        {
            var selector = string.Join(",", (budget.Spec.Obj("selector").Obj("matchLabels") ?? []).Select(l => $"{l.Key}={l.Value.AsStr()}"));
            Plane.Events.Record(budget, "Warning", "UnmanagedPods",
                $"Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. " +
                "To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.", Component);
        }

        return total;
    }
}
