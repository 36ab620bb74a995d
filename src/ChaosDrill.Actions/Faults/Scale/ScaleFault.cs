using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.Scale;

/// <summary>Scales a workload down; proved when no more pods than that are left, from the instant at which the first went.</summary>
internal sealed class ScaleFault(KubernetesClient client, string ns, Scale options) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(60);

    private string Plural => options.Workload.Kind + "s";

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("get", "apps", Plural, ns, "read the workload to scale, and put it back", options.Workload.Name),
        new("patch", "apps", Plural, ns, "scale the workload, and put it back", options.Workload.Name),
        new("list", "", "pods", ns, "count the pods of the scaled workload"),
        new("watch", "", "pods", ns, "prove that pods of the scaled workload went"),
        .. options.Workload.Kind == "deployment" ? ReplicaSetNeeds(ns, options.Workload.Name) : [],
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    /// <summary>What removing the traces on replica sets needs.</summary>
    public static IEnumerable<AccessNeed> ReplicaSetNeeds(string ns, string deployment) =>
    [
        new("list", "apps", "deployments", ns, "see the deployment put back", deployment),
        new("watch", "apps", "deployments", ns, "see the deployment put back", deployment),
        new("list", "apps", "replicasets", ns, "remove the drill's mark from replica sets"),
        new("patch", "apps", "replicasets", ns, "remove the drill's mark from replica sets"),
    ];

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var found = await WorkloadLookup.FindAsync(client, ns, options.Workload, cancellationToken);
        var resource = ResourceOf();
        return new FaultPlan(
            $"scale {options.Workload} from {found?.Desired ?? 0} to {options.Replicas}",
            found is null ? [] : [new Target(resource.Kind, ns, options.Workload.Name, found.Uid, $"{found.Desired} replicas")],
            found is null ? 0 : 1,
            found is null ? null : $"scale it to {found.Desired} again",
            [.. Refusals(found)]);
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var found = await WorkloadLookup.FindAsync(client, ns, options.Workload, cancellationToken)
            ?? throw new ClusterException($"{options.Workload} is gone");
        var target = plan.Targets[0];
        var reversal = new ScaleReversal(new Place(ResourceOf(), ns, options.Workload.Name, found.Uid), found.Desired, options.Replicas);
        var alive = new HashSet<string>();
        var (asked, first) = (false, (long?)null);
        await Sighting.AroundAsync(
            client, Resources.Pods, ns, new WatchOptions { LabelSelector = found.Selector },
            e =>
            {
                if (e.Object is { Metadata.Uid: { } uid } pod)
                {
                    _ = e.Type == WatchEventType.Deleted || pod.IsTerminating ? alive.Remove(uid) : alive.Add(uid);
                    first ??= asked && alive.Count < found.Desired ? e.ReceivedAt : null;
                }

                if (!asked || first is null || alive.Count > options.Replicas)
                {
                    return false;
                }

                report.TookEffect(target, $"{alive.Count} pods are left of {found.Desired}", first.Value);
                return true;
            },
            () =>
            {
                asked = true;
                return MarkedChange.MakeAsync(
                    client, reversal, ScaleReversal.UndoKind, $"scale {options.Workload} in namespace {ns} to {found.Desired} again",
                    report, cancellationToken, target);
            },
            EffectLimit, cancellationToken);
    });

    private Resource<System.Text.Json.JsonElement> ResourceOf() => options.Workload.Kind switch
    {
        "deployment" => Place.Deployments,
        "statefulset" => Place.StatefulSets,
        _ => Place.ReplicaSets,
    };

    private IEnumerable<Refusal> Refusals(FoundWorkload? found)
    {
        if (found is null)
        {
            yield return new Refusal(RefusalKind.Missing, $"{options.Workload} does not exist in namespace {ns}", "correct the name in the scale step");
        }
        else if (found.Desired <= options.Replicas)
        {
            yield return new Refusal(
                RefusalKind.Guard, $"{options.Workload} has {found.Desired} replicas; scaling it to {options.Replicas} would harm nothing", "write fewer replicas in the scale step");
        }
    }
}
