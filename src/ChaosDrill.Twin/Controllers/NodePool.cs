using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The machines of the cluster: node objects with a kubelet each, and the leases by which kubelets say that they live.</summary>
internal sealed class NodePool(ControlPlane plane)
{
    private static readonly TimeSpan LeaseRenewal = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Kubelet> kubelets = new(StringComparer.Ordinal);
    private readonly HashSet<string> annotatedAsStopped = new(StringComparer.Ordinal);

    public Kubelet this[string name] => kubelets.TryGetValue(name, out var kubelet) ? kubelet
        : throw new ArgumentException($"There is no node \"{name}\" with a kubelet; there are {string.Join(", ", kubelets.Keys.Take(10))}{(kubelets.Count > 10 ? ", ..." : "")}.", nameof(name));

    /// <summary>The kubelet of a node; null where there is no machine behind the node.</summary>
    public Kubelet? Find(string? node) => node is not null && kubelets.TryGetValue(node, out var kubelet) ? kubelet : null;

    public void Start()
    {
        for (var i = 1; i <= plane.Options.Nodes; i++)
        {
            var node = plane.Registry.Create(BuiltInTypes.Nodes, "", Describe(i));
            node = plane.Registry.Change(node, json => json["status"] = Status(i));
            var kubelet = new Kubelet(plane, node.Name, i);
            kubelets[node.Name] = kubelet;
            plane.Events.Record(node, "Normal", "RegisteredNode", $"Node {node.Name} event: Registered Node {node.Name} in Controller", "node-controller");
            Renew(kubelet);
        }
    }

    /// <summary>Starts a node's kubelet again.</summary>
    /// <exception cref="ArgumentException">No such node.</exception>
    public void Restart(string name)
    {
        var kubelet = this[name];
        kubelet.Start();
        kubelet.WhenAble(() => ReportNode(kubelet));
    }

    /// <summary>Hands a pod's change to the kubelet of its node, and stops or starts a kubelet whose node was annotated.</summary>
    public void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.Nodes && kubelets.ContainsKey(change.Object.Name))
        {
            Obey(change.Object);
            return;
        }

        if (change.Object.Type == BuiltInTypes.Pods && change.Object.Spec.Str("nodeName") is { } node && kubelets.TryGetValue(node, out var kubelet))
        {
            kubelet.Notice(change);
        }
    }

    private void Obey(StoredObject node)
    {
        if (node.Metadata.Obj("annotations").Str(TwinAnnotations.Kubelet) == "stopped")
        {
            if (annotatedAsStopped.Add(node.Name))
            {
                this[node.Name].Stop();
            }
        }
        else if (annotatedAsStopped.Remove(node.Name))
        {
            plane.Loop.Post(() => Restart(node.Name));
        }
    }

    private void Renew(Kubelet kubelet)
    {
        // Spread over the period, as the start of real kubelets is.
        plane.Loop.After(plane.Seed.Between(TimeSpan.Zero, LeaseRenewal), Tick);
        WriteLease(kubelet);

        void Tick()
        {
            plane.Gate.WhenUp(() => WriteLease(kubelet));
            plane.Loop.After(LeaseRenewal, Tick);
        }
    }

    private void WriteLease(Kubelet kubelet)
    {
        if (!kubelet.IsRunning || plane.Store.Find(BuiltInTypes.Nodes, "", kubelet.Node) is not { } node)
        {
            return;
        }

        if (plane.Store.Find(BuiltInTypes.Leases, "kube-node-lease", kubelet.Node) is { } lease)
        {
            plane.Registry.Change(lease, json => json.Child("spec")["renewTime"] = Timestamps.Micros(plane.Now));
            return;
        }

        plane.Registry.Create(BuiltInTypes.Leases, "kube-node-lease", new JsonObject
        {
            ["kind"] = "Lease",
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = kubelet.Node,
                ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node.Name, ["uid"] = node.Uid }),
            },
            ["spec"] = new JsonObject { ["holderIdentity"] = kubelet.Node, ["leaseDurationSeconds"] = 40L, ["renewTime"] = Timestamps.Micros(plane.Now) },
        });
    }

    /// <summary>What a kubelet says of its node when it starts again.</summary>
    private void ReportNode(Kubelet kubelet)
    {
        WriteLease(kubelet);
        if (plane.Store.Find(BuiltInTypes.Nodes, "", kubelet.Node) is not { } node)
        {
            return;
        }

        var lost = false;
        node = plane.Registry.Change(node, json =>
        {
            var conditions = new JsonArray();
            var before = json.Child("status").Arr("conditions").Objects().ToDictionary(c => c.Str("type")!);
            foreach (var condition in Healthy().Objects())
            {
                if (before.TryGetValue(condition.Str("type")!, out var old) && old.Str("status") == condition.Str("status"))
                {
                    condition["lastTransitionTime"] = old["lastTransitionTime"]?.DeepClone();
                }
                else
                {
                    lost = true;
                }

                conditions.Add(condition.DeepClone());
            }

            if (lost)
            {
                json.Child("status")["conditions"] = conditions;
            }
        });
        if (lost)
        {
            plane.Events.Record(node, "Normal", "NodeReady", $"Node {node.Name} status is now: NodeReady", "kubelet", node.Name);
        }
    }

    private static JsonObject Describe(int number) => new()
    {
        ["kind"] = "Node",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = $"node{number}",
            ["labels"] = new JsonObject
            {
                ["beta.kubernetes.io/arch"] = "amd64",
                ["beta.kubernetes.io/os"] = "linux",
                ["kubernetes.io/arch"] = "amd64",
                ["kubernetes.io/hostname"] = $"node{number}",
                ["kubernetes.io/os"] = "linux",
                ["topology.kubernetes.io/zone"] = $"z{(number - 1) % 3 + 1}",
            },
            ["annotations"] = new JsonObject { ["node.alpha.kubernetes.io/ttl"] = "0" },
        },
        ["spec"] = new JsonObject { ["podCIDR"] = Network(number) + ".0/24", ["podCIDRs"] = new JsonArray(Network(number) + ".0/24"), ["providerID"] = $"twin://node{number}" },
    };

    /// <summary>The first three parts of the addresses of a node's pods.</summary>
    public static string Network(int number) => $"10.{128 + number / 256}.{number % 256}";

    public static string Address(int number) => $"198.18.{number / 250}.{number % 250 + 1}";

    private JsonObject Status(int number)
    {
        var capacity = new JsonObject { ["cpu"] = "8", ["ephemeral-storage"] = "100Gi", ["memory"] = "32Gi", ["pods"] = "110" };
        return new JsonObject
        {
            ["capacity"] = capacity.DeepClone(),
            ["allocatable"] = capacity,
            ["conditions"] = Healthy(),
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = Address(number) },
                new JsonObject { ["type"] = "Hostname", ["address"] = $"node{number}" }),
            ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 10250L } },
            ["nodeInfo"] = new JsonObject
            {
                ["machineID"] = $"twin-{number}",
                ["systemUUID"] = $"twin-{number}",
                ["bootID"] = $"twin-{number}",
                ["kernelVersion"] = "6.1.0-twin",
                ["osImage"] = "ChaosDrill twin",
                ["containerRuntimeVersion"] = "twin://1.0.0",
                ["kubeletVersion"] = "v1.36.2",
                ["kubeProxyVersion"] = "",
                ["operatingSystem"] = "linux",
                ["architecture"] = "amd64",
            },
        };
    }

    private JsonArray Healthy() =>
    [
        Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];

    private JsonObject Condition(string type, string status, string reason, string message) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["lastHeartbeatTime"] = plane.NowText,
        ["lastTransitionTime"] = plane.NowText,
        ["reason"] = reason,
        ["message"] = message,
    };
}
