using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Deletes pods from nodes with NoExecute taints, when their tolerations run out.</summary>
internal sealed class TaintEvictionController(ControlPlane plane) : Controller(plane)
{
    private const string Component = "taint-eviction-controller";

    private readonly HashSet<string> tainted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IDisposable> due = new(StringComparer.Ordinal);

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type == BuiltInTypes.Nodes)
        {
            var was = tainted.Contains(stored.Name);
            var now = change.Kind != ChangeKind.Deleted && stored.Spec.Arr("taints").Objects().Any(t => t.Str("effect") == "NoExecute");
            _ = now ? tainted.Add(stored.Name) : tainted.Remove(stored.Name);
            if (was || now)
            {
                foreach (var pod in Store.PodsOn(stored.Name))
                {
                    Enqueue(pod.Key);
                }
            }
        }
        else if (stored.Type == BuiltInTypes.Pods)
        {
            if (change.Kind == ChangeKind.Deleted)
            {
                Forget(stored);
            }
            else if (tainted.Count > 0 && change.Previous?.Spec.Str("nodeName") is null && stored.Spec.Str("nodeName") is { } node && tainted.Contains(node))
            {
                Enqueue(stored.Key);
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { IsDeleting: false } pod || Store.Find(BuiltInTypes.Nodes, "", pod.Spec.Str("nodeName") ?? "") is not { } node)
        {
            return;
        }

        var taints = node.Spec.Arr("taints").Objects().Where(t => t.Str("effect") == "NoExecute").ToList();
        if (taints.Count == 0)
        {
            if (Forget(pod))
            {
                Plane.Events.Record(pod, "Normal", "TaintManagerEviction", $"Cancelling deletion of Pod {pod.Namespace}/{pod.Name}", Component);
            }

            return;
        }

        // The pod may stay as long as the shortest of its tolerations lasts; without one for a taint it goes at once.
        var tolerations = pod.Spec.Arr("tolerations").Objects().ToList();
        var patience = TimeSpan.MaxValue;
        foreach (var taint in taints)
        {
            var matching = tolerations.FindAll(t => NodeTaints.Tolerates(t, taint));
            if (matching.Count == 0)
            {
                Evict(pod);
                return;
            }

            foreach (var seconds in matching.Select(t => t.Int("tolerationSeconds")).OfType<long>())
            {
                patience = TimeSpan.FromSeconds(Math.Min(Math.Max(0, seconds), patience.TotalSeconds));
            }
        }

        if (patience == TimeSpan.MaxValue)
        {
            Forget(pod);
        }
        else if (patience == TimeSpan.Zero)
        {
            Evict(pod);
        }
        else if (!due.ContainsKey(pod.Uid))
        {
            due[pod.Uid] = Plane.Loop.After(patience, () => WhenAble(() =>
            {
                due.Remove(pod.Uid);
                if (Store.FindByUid(pod.Uid) is { IsDeleting: false } current)
                {
                    Evict(current);
                }
            }));
        }
    }

    private bool Forget(StoredObject pod)
    {
        if (!due.Remove(pod.Uid, out var timer))
        {
            return false;
        }

        timer.Dispose();
        return true;
    }

    private void Evict(StoredObject pod)
    {
        Forget(pod);
        Plane.Events.Record(pod, "Normal", "TaintManagerEviction", $"Marking for deletion Pod {pod.Namespace}/{pod.Name}", Component);
        pod = Registry.Change(pod, json => PodConditions.Set(json, "DisruptionTarget", "True", Plane.NowText, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"));
        Registry.Delete(pod, null);
    }
}
