using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Puts each pod on a node that takes it, spreading the pods of one owner, then all pods.</summary>
internal sealed class Scheduler(ControlPlane plane) : Controller(plane)
{
    private const string Component = "default-scheduler";

    private static readonly Dictionary<string, int> Nowhere = [];

    /// <summary>How many pods of an owner each node has.</summary>
    private readonly Dictionary<string, Dictionary<string, int>> spread = new(StringComparer.Ordinal);

    private List<NodeFit>? nodes;
    private readonly HashSet<ObjectKey> unschedulable = [];

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type == BuiltInTypes.Nodes)
        {
            nodes = null;
            Retry();
        }
        else if (stored.Type == BuiltInTypes.Pods)
        {
            Count(change.Previous, -1);
            if (change.Kind == ChangeKind.Deleted)
            {
                unschedulable.Remove(stored.Key);
                Retry();
                return;
            }

            Count(stored, 1);
            if (stored.Spec.Str("nodeName") is null && !stored.IsDeleting && !unschedulable.Contains(stored.Key))
            {
                Enqueue(stored.Key);
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { IsDeleting: false } pod || pod.Spec.Str("nodeName") is not null || pod.Status.Str("phase") != "Pending" ||
            pod.Spec.Str("schedulerName") != Component)
        {
            return;
        }

        nodes ??= [.. Store.List(BuiltInTypes.Nodes).Select(n => new NodeFit(n))];
        var refusals = new SortedDictionary<string, int>(StringComparer.Ordinal);
        NodeFit? best = null;
        (int Own, int All) bestScore = default;
        var own = spread.GetValueOrDefault(Owners.Controller(pod).Str("uid") ?? "", Nowhere);
        foreach (var node in nodes)
        {
            var all = Store.CountPodsOn(node.Name);
            if (node.Refusal(pod, all) is { } reason)
            {
                refusals[reason] = refusals.GetValueOrDefault(reason) + 1;
                continue;
            }

            var score = (own.GetValueOrDefault(node.Name), all);
            if (best is null || score.CompareTo(bestScore) < 0)
            {
                (best, bestScore) = (node, score);
            }
        }

        if (best is null)
        {
            Refuse(pod, nodes.Count, refusals);
            return;
        }

        unschedulable.Remove(key);
        Subresources.Bind(Plane, pod, best.Name);
        Plane.Events.Record(pod, "Normal", "Scheduled", $"Successfully assigned {pod.Namespace}/{pod.Name} to {best.Name}", Component, action: "Binding");
    }

    private void Refuse(StoredObject pod, int nodes, SortedDictionary<string, int> refusals)
    {
        var message = nodes == 0 ? "no nodes available to schedule pods"
            : $"0/{nodes} nodes are available: {string.Join(", ", refusals.Select(r => $"{r.Value} {r.Key}"))}. " +
              $"no new claims to deallocate, preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.";
        unschedulable.Add(pod.Key);
        Plane.Events.Record(pod, "Warning", "FailedScheduling", message, Component, action: "Scheduling");
        Registry.Change(pod, json => PodConditions.Set(json, "PodScheduled", "False", Plane.NowText, "Unschedulable", message));
    }

    private void Retry()
    {
        foreach (var key in unschedulable)
        {
            Enqueue(key);
        }
    }

    private void Count(StoredObject? pod, int by)
    {
        if (pod?.Spec.Str("nodeName") is { } node && Owners.Controller(pod).Str("uid") is { } owner)
        {
            if (!spread.TryGetValue(owner, out var own))
            {
                spread[owner] = own = new(StringComparer.Ordinal);
            }

            var now = own.GetValueOrDefault(node) + by;
            if (now > 0)
            {
                own[node] = now;
            }
            else if (own.Remove(node) && own.Count == 0)
            {
                spread.Remove(owner);
            }
        }
    }
}
