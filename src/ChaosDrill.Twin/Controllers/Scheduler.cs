using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Puts each pod on a node that takes it, spreading the pods of one owner, then all pods.</summary>
internal sealed class Scheduler(ControlPlane plane) : Controller(plane)
{
    private const string Component = "default-scheduler";

    private readonly SortedDictionary<string, NodeFit> nodes = new(StringComparer.Ordinal);

    /// <summary>How many pods each node has, the emptiest first: the search ends at the first node that cannot be bettered.</summary>
    private readonly SortedSet<(int Pods, string Node)> byLoad = new(Comparer<(int Pods, string Node)>.Create(
        (a, b) => a.Pods != b.Pods ? a.Pods.CompareTo(b.Pods) : string.CompareOrdinal(a.Node, b.Node)));

    private readonly Dictionary<string, int> load = new(StringComparer.Ordinal);

    /// <summary>How many pods of an owner each node has.</summary>
    private readonly Dictionary<string, OwnerSpread> spread = new(StringComparer.Ordinal);

    /// <summary>What the pods of each node ask for.</summary>
    private readonly Dictionary<string, PodRequests> used = new(StringComparer.Ordinal);

    /// <summary>Pods on nodes that do not bear certain others near them.</summary>
    private readonly HashSet<ObjectKey> exclusive = [];

    private readonly HashSet<ObjectKey> unschedulable = [];

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type == BuiltInTypes.Nodes)
        {
            SeeNode(change);
            Retry();
        }
        else if (stored.Type == BuiltInTypes.Pods)
        {
            Occupy(change);
            Count(change.Previous, -1);
            if (change.Kind == ChangeKind.Deleted)
            {
                exclusive.Remove(stored.Key);
                unschedulable.Remove(stored.Key);
                Retry();
                return;
            }

            Count(stored, 1);
            if (stored.Spec.Str("nodeName") is null)
            {
                if (!stored.IsDeleting && !unschedulable.Contains(stored.Key))
                {
                    Enqueue(stored.Key);
                }
            }
            else if (change.Previous?.Spec.Str("nodeName") is null)
            {
                if (PodNeighbours.IsExclusive(stored))
                {
                    exclusive.Add(stored.Key);
                }

                // Others may have waited for this one to be near it.
                foreach (var key in unschedulable.Where(k => Store.Find(k) is { } waiting && PodNeighbours.Cares(waiting)).ToList())
                {
                    Enqueue(key);
                }
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

        var refusals = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var wanted = PodRequests.Of(pod);
        var neighbours = PodNeighbours.Cares(pod) || exclusive.Count > 0 ? new PodNeighbours(Store, pod, nodes.Values, exclusive) : null;
        var own = spread.GetValueOrDefault(Owners.Controller(pod).Str("uid") ?? "");
        var least = own is null || own.Nodes < nodes.Count ? 0 : own.Least;
        var final = 0;
        (NodeFit Node, int Own)? best = null;
        foreach (var (pods, name) in byLoad)
        {
            var node = nodes[name];
            if ((node.Refuse(pod, wanted, pods, used.GetValueOrDefault(name)) ?? neighbours?.Refuse(node)) is { } refused)
            {
                final += refused.Final ? 1 : 0;
                foreach (var reason in refused.Reasons)
                {
                    refusals[reason] = refusals.GetValueOrDefault(reason) + 1;
                }

                continue;
            }

            var there = own?[name] ?? 0;
            if (best is null || there < best.Value.Own)
            {
                best = (node, there);
                if (there <= least)
                {
                    break;
                }
            }
        }

        if (best is null)
        {
            Refuse(pod, nodes.Count, refusals, final);
            return;
        }

        unschedulable.Remove(key);
        Subresources.Bind(Plane, pod, best.Value.Node.Name);
        Plane.Events.Record(pod, "Normal", "Scheduled", $"Successfully assigned {pod.Namespace}/{pod.Name} to {best.Value.Node.Name}", Component, action: "Binding");
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

    private void SeeNode(StoreChange change)
    {
        var name = change.Object.Name;
        if (change.Kind == ChangeKind.Deleted)
        {
            nodes.Remove(name);
            byLoad.Remove((load.GetValueOrDefault(name), name));
        }
        else
        {
            nodes[name] = new NodeFit(change.Object);
            byLoad.Add((load.GetValueOrDefault(name), name));
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
        if (pod?.Spec.Str("nodeName") is not { } node)
        {
            return;
        }

        var before = load.GetValueOrDefault(node);
        load[node] = before + by;
        if (nodes.ContainsKey(node))
        {
            byLoad.Remove((before, node));
            byLoad.Add((before + by, node));
        }

        if (Owners.Controller(pod).Str("uid") is { } owner)
        {
            if (!spread.TryGetValue(owner, out var own))
            {
                spread[owner] = own = new OwnerSpread();
            }

            own.Add(node, by);
            if (own.Nodes == 0)
            {
                spread.Remove(owner);
            }
        }
    }
}
