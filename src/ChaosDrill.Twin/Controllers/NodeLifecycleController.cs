using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Notices nodes whose kubelet is silent, taints nodes by their conditions, and calls the pods of lost nodes not ready.</summary>
internal sealed class NodeLifecycleController(ControlPlane plane) : Controller(plane)
{
    private const string Component = "node-controller";
    private const string Silent = "Kubelet stopped posting node status.";

    /// <summary>node-monitor-period of the real controller.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static readonly string[] Reported = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];

    private static readonly (string Condition, string Status, string Taint)[] Taints =
    [
        ("Ready", "False", NodeTaints.NotReady), ("Ready", "Unknown", NodeTaints.Unreachable), ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"), ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
    ];

    /// <summary>When each kubelet was last heard of, by this controller's own clock.</summary>
    private readonly Dictionary<string, DateTimeOffset> heard = new(StringComparer.Ordinal);

    /// <summary>Begins to look at all nodes at regular times.</summary>
    public void Start() => Plane.Loop.After(Period, Tick);

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type == BuiltInTypes.Leases && stored.Namespace == "kube-node-lease" && change.Kind != ChangeKind.Deleted)
        {
            heard[stored.Name] = Plane.Now;
        }
        else if (stored.Type == BuiltInTypes.Nodes)
        {
            if (change.Kind == ChangeKind.Deleted)
            {
                heard.Remove(stored.Name);
                return;
            }

            heard.TryAdd(stored.Name, Plane.Now);
            Enqueue(stored.Key);
        }
    }

    /// <summary>Taints that keep new pods away follow the conditions at once.</summary>
    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } node)
        {
            return;
        }

        var wanted = Taints.Where(t => Condition(node, t.Condition).Str("status") == t.Status).Select(t => t.Taint).ToList();
        if (node.Spec.Bool("unschedulable") == true)
        {
            wanted.Add(NodeTaints.Unschedulable);
        }

        NodeTaints.Set(Plane, node, "NoSchedule", [.. Taints.Select(t => t.Taint), NodeTaints.Unschedulable], wanted);
    }

    private void Tick()
    {
        Plane.Loop.After(Period, Tick);
        if (!Plane.Gate.IsUp || IsHalted)
        {
            // Who cannot hear anybody cannot tell who is silent: everyone gets a new chance.
            foreach (var name in heard.Keys.ToList())
            {
                heard[name] = Plane.Now;
            }

            return;
        }

        foreach (var node in Store.List(BuiltInTypes.Nodes).ToList())
        {
            Examine(node);
        }
    }

    private void Examine(StoredObject node)
    {
        var ready = Condition(node, "Ready").Str("status");
        if (ready != "Unknown" && Plane.Now - heard[node.Name] > Plane.Options.NodeMonitorGracePeriod)
        {
            node = Registry.Change(node, json => SetUnknown(json.Child("status")));
            Plane.Events.Record(node, "Normal", "NodeNotReady", $"Node {node.Name} status is now: NodeNotReady", Component);
            ready = "Unknown";

            // What keeps pods away comes before what drives them away.
            Reconcile(node.Key);
            node = Store.Find(node.Key)!;
        }

        if (ready is not "True")
        {
            foreach (var pod in Store.PodsOn(node.Name).Where(PodConditions.IsReady))
            {
                Registry.Change(pod, json => PodConditions.Set(json, "Ready", "False", Plane.NowText));
                Plane.Events.Record(pod, "Warning", "NodeNotReady", "Node is not ready", Component);
            }
        }

        // Taints that drive pods away follow only here, as on a real cluster: a node that is back keeps its taint until the next look.
        NodeTaints.Set(Plane, node, "NoExecute", [NodeTaints.NotReady, NodeTaints.Unreachable],
            ready switch { "True" => [], "False" => [NodeTaints.NotReady], _ => [NodeTaints.Unreachable] });
    }

    private void SetUnknown(JsonObject status)
    {
        foreach (var condition in status.Arr("conditions").Objects().Where(c => Reported.Contains(c.Str("type"))))
        {
            if (condition.Str("status") != "Unknown")
            {
                condition["lastTransitionTime"] = Plane.NowText;
            }

            condition["status"] = "Unknown";
            condition["reason"] = "NodeStatusUnknown";
            condition["message"] = Silent;
        }
    }

    private static JsonObject? Condition(StoredObject node, string type) => node.Status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == type);
}
