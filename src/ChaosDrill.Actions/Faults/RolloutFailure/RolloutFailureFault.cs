using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Faults.Scale;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.RolloutFailure;

/// <summary>Rolls out pods that cannot start; proved when one of them is seen to fail, from the instant at which it was first seen.</summary>
internal sealed class RolloutFailureFault(KubernetesClient client, string ns, RolloutFailure options) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromMinutes(2);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("get", "apps", "deployments", ns, "read the deployment, and put it back", options.Deployment),
        new("patch", "apps", "deployments", ns, "roll the deployment out, and put it back", options.Deployment),
        new("list", "", "pods", ns, "tell new pods from old ones"),
        new("watch", "", "pods", ns, "prove that new pods fail"),
        .. ScaleFault.ReplicaSetNeeds(ns, options.Deployment),
        new("delete", "apps", "replicasets", ns, "remove the failed revision, so that nobody rolls back to it"),
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    private WorkloadReference Workload => new("deployment", options.Deployment);

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var found = await client.FindAsync(Resources.Deployments, ns, options.Deployment, cancellationToken);
        return new FaultPlan(
            $"roll {Workload} out with {(options.Unschedulable ? "a node selector that no node meets" : options.Crashing ? "a command that ends at once" : $"image {options.Image}")}",
            found is null ? [] : [TargetOf(found)],
            found is null ? 0 : 1,
            "undo the roll-out",
            [.. Refusals(found)]) { Touches = found is null ? [] : [new Touched(TargetOf(found)) { Labels = found.Metadata.Labels }] };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var target = plan.Targets[0];
        var place = new Place(Place.Deployments, ns, target.Name, target.Uid);
        var before = await place.FindAsync(client, cancellationToken) ?? throw new ClusterException($"{place} is gone");
        var selector = (await client.GetAsync(Resources.Deployments, ns, target.Name, cancellationToken)).Spec.Selector.ToString();
        var reversal = RolloutReversal.Of(place, before, options);
        var asked = false;
        var known = new HashSet<string>();
        var since = new Dictionary<string, long>();
        await Sighting.AroundAsync(
            client, Resources.Pods, ns, new WatchOptions { LabelSelector = selector },
            e =>
            {
                if (e.Object is not { Metadata.Uid: { } uid } pod || (!asked && known.Add(uid)) || known.Contains(uid))
                {
                    return false;
                }

                since.TryAdd(uid, e.ReceivedAt);
                if (PodFailures.Of(pod) is not { } failure)
                {
                    return false;
                }

                report.TookEffect(target, $"new pod {pod.Metadata.Name}: {failure}", since[uid]);
                return true;
            },
            () =>
            {
                asked = true;
                return MarkedChange.MakeAsync(
                    client, reversal, RolloutReversal.UndoKind, $"undo the roll-out of {Workload} in namespace {ns}", report, cancellationToken, target);
            },
            EffectLimit, cancellationToken);
    });

    private Target TargetOf(Deployment found) => new("Deployment", ns, options.Deployment, found.Metadata.Uid!);

    private IEnumerable<Refusal> Refusals(Deployment? found)
    {
        if (found is null)
        {
            yield return new Refusal(RefusalKind.Missing, $"{Workload} does not exist in namespace {ns}", "correct the name in the rolloutFailure step");
        }
        else if (found.Spec.Paused == true)
        {
            yield return new Refusal(RefusalKind.Guard, $"{Workload} is paused: nothing would be rolled out", $"resume it with: kubectl rollout resume deployment/{options.Deployment} -n {ns}");
        }
    }
}
