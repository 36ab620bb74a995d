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

    /// <summary>What the pods of each node ask for.</summary>
    private readonly Dictionary<string, PodRequests> used = new(StringComparer.Ordinal);

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
            Occupy(change);
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
        var wanted = PodRequests.Of(pod);
        var final = 0;
        NodeFit? best = null;
        (int Own, int All) bestScore = default;
        var own = spread.GetValueOrDefault(Owners.Controller(pod).Str("uid") ?? "", Nowhere);
        foreach (var node in nodes)
        {
            var all = Store.CountPodsOn(node.Name);
            if (node.Refuse(pod, wanted, all, used.GetValueOrDefault(node.Name)) is { } refused)
            {
                final += refused.Final ? 1 : 0;
                foreach (var reason in refused.Reasons)
                {
                    refusals[reason] = refusals.GetValueOrDefault(reason) + 1;
                }

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
            Refuse(pod, nodes.Count, refusals, final);
            return;
        }

        unschedulable.Remove(key);
        Subresources.Bind(Plane, pod, best.Name);
        Plane.Events.Record(pod, "Normal", "Scheduled", $"Successfully assigned {pod.Namespace}/{pod.Name} to {best.Name}", Component, action: "Binding");
    }

    private void Refuse(StoredObject pod, int nodes, SortedDictionary<string, int> refusals, int final)
    {
        var message = nodes == 0 ? "no nodes available to schedule pods"
            : $"0/{nodes} nodes are available: {string.Join(", ", refusals.Select(r => $"{r.Value} {r.Key}").Order(StringComparer.Ordinal))}. " +
              $"no new claims to deallocate, preemption: 0/{nodes} nodes are available: {string.Join(", ", Preemption(nodes, final).Order(StringComparer.Ordinal))}.";
        unschedulable.Add(pod.Key);
        Plane.Events.Record(pod, "Warning", "FailedScheduling", message, Component, action: "Scheduling");
        Registry.Change(pod, json => PodConditions.Set(json, "PodScheduled", "False", Plane.NowText, "Unschedulable", message));
    }

    private static IEnumerable<string> Preemption(int nodes, int final)
    {
        if (nodes > final)
        {
            yield return $"{nodes - final} No preemption victims found for incoming pod";
        }

        if (final > 0)
        {
            yield return $"{final} Preemption is not helpful for scheduling";
        }
    }

    private void Retry()
    {
        foreach (var key in unschedulable)
        {
            Enqueue(key);
        }
    }

    /// <summary>Keeps what the pods of each node ask for; finished pods ask for nothing.</summary>
    private void Occupy(StoreChange change)
    {
        var before = Holder(change.Previous);
        var after = change.Kind == ChangeKind.Deleted ? null : Holder(change.Object);
        if (before == after)
        {
            return;
        }

        if (before is not null)
        {
            used[before] = used.GetValueOrDefault(before) - PodRequests.Of(change.Previous!);
        }

        if (after is not null)
        {
            used[after] = used.GetValueOrDefault(after) + PodRequests.Of(change.Object);
        }
        else if (unschedulable.Count > 0)
        {
            Retry();
        }
    }

    private static string? Holder(StoredObject? pod) => pod?.Status.Str("phase") is "Succeeded" or "Failed" ? null : pod?.Spec.Str("nodeName");

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
