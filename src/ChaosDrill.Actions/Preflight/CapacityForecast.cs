using System.Globalization;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Preflight;

/// <summary>
/// Whether pods that lose their nodes would fit on the others: by requests, number of pods, taints, cordons, node selectors
/// and required node affinity. What is demanded beyond that is named as unknown. Pure.
/// </summary>
internal static class CapacityForecast
{
    private const string Topic = "capacity";
    private const string Cordon = "node.kubernetes.io/unschedulable";

    /// <summary>Judges the pods together.</summary>
    /// <param name="going">The pods that have to go elsewhere.</param>
    /// <param name="others">The nodes that are left.</param>
    /// <param name="there">All pods of the cluster that run or are to run.</param>
    public static IEnumerable<Forecast> Of(IReadOnlyList<Pod> going, IReadOnlyList<Node> others, IReadOnlyList<Pod> there)
    {
        var rooms = others.Select(node => new Room(node, there.Where(p => p.Spec.NodeName == node.Metadata.Name))).ToList();
        var (placed, left) = (0, new List<Pod>());
        foreach (var pod in going.OrderByDescending(p => Requests(p).GetValueOrDefault("cpu")).ThenByDescending(p => Requests(p).GetValueOrDefault("memory")))
        {
            if (Beyond(pod) is { } demand)
            {
                yield return new Forecast(Topic, Outlook.Unknown, $"whether {Name(pod)} fits elsewhere is not known: it has {demand}");
            }
            else if (rooms.All(r => r.RefusesAlone(pod) is not null))
            {
                yield return new Forecast(
                    Topic, Outlook.Warning, $"{Name(pod)} fits on no other node: {Reasons(rooms.Select(r => r.RefusesAlone(pod)!))}",
                    "make room, or expect the pod to stay pending");
            }
            else if (rooms.Where(r => r.Refuses(pod) is null).MaxBy(r => r.Free("cpu")) is { } room)
            {
                room.Take(pod);
                placed++;
            }
            else
            {
                left.Add(pod);
            }
        }

        if (left.Count > 0)
        {
            yield return new Forecast(
                Topic, Outlook.Warning,
                $"there is room for {placed} of {placed + left.Count} pods on the other nodes; {string.Join(", ", left.Take(5).Select(Name))}{(left.Count > 5 ? $" and {left.Count - 5} more" : "")} would be left over",
                "make room, or expect pods to stay pending");
        }
        else if (placed > 0)
        {
            yield return new Forecast(Topic, Outlook.Fine, $"{placed} pod{(placed == 1 ? " fits" : "s fit")} on the {others.Count} other node{(others.Count == 1 ? "" : "s")}");
        }
    }

    /// <summary>What a pod demands that is not judged here; null when there is nothing.</summary>
    private static string? Beyond(Pod pod)
    {
        List<string> demands =
        [
            .. pod.Spec.Affinity?.PodAffinity is { RequiredDuringSchedulingIgnoredDuringExecution.Count: > 0 } ? ["required pod affinity"] : Array.Empty<string>(),
            .. pod.Spec.Affinity?.PodAntiAffinity is { RequiredDuringSchedulingIgnoredDuringExecution.Count: > 0 } ? ["required pod anti-affinity"] : Array.Empty<string>(),
            .. pod.Spec.TopologySpreadConstraints.Any(c => c.WhenUnsatisfiable == "DoNotSchedule") ? ["required topology spread"] : Array.Empty<string>(),
            .. pod.Spec.Volumes.Any(v => v.PersistentVolumeClaim is not null) ? ["volumes that may be bound to a node"] : Array.Empty<string>(),
            .. pod.Spec.HostNetwork == true ? ["ports of the node"] : Array.Empty<string>(),
        ];
        return demands.Count == 0 ? null : string.Join(", ", demands);
    }

    private static string Reasons(IEnumerable<string> reasons) =>
        string.Join(", ", reasons.GroupBy(r => r).OrderByDescending(g => g.Count()).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key}"))) is { Length: > 0 } text
            ? text
            : "there is none";

    private static string Name(Pod pod) => $"{pod.Metadata.Namespace}/{pod.Metadata.Name}";

    /// <summary>What the scheduler sets aside. Source: kubernetes/component-helpers resource.PodRequests.</summary>
    private static Dictionary<string, decimal> Requests(Pod pod)
    {
        var running = Sum(pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(c => c.RestartPolicy == "Always")));
        foreach (var init in pod.Spec.InitContainers.Where(c => c.RestartPolicy != "Always"))
        {
            foreach (var (resource, amount) in Sum([init]))
            {
                running[resource] = Math.Max(running.GetValueOrDefault(resource), amount);
            }
        }

        return running;
    }

    private static Dictionary<string, decimal> Sum(IEnumerable<Container> containers)
    {
        var sum = new Dictionary<string, decimal>();
        foreach (var (resource, text) in containers.SelectMany(c => c.Resources.Requests))
        {
            sum[resource] = sum.GetValueOrDefault(resource) + (Quantity.Parse(text) ?? 0);
        }

        return sum;
    }

    /// <summary>A node that pods may move to, and what is left of it.</summary>
    private sealed class Room
    {
        private readonly Node _node;
        private readonly Dictionary<string, decimal> _allocatable;
        private readonly Dictionary<string, decimal> _used = [];
        private readonly Dictionary<string, decimal> _before;

        public Room(Node node, IEnumerable<Pod> there)
        {
            _node = node;
            _allocatable = node.Status.Allocatable.ToDictionary(a => a.Key, a => Quantity.Parse(a.Value) ?? 0);
            foreach (var pod in there)
            {
                Take(pod);
            }

            _before = new(_used);
        }

        public decimal Free(string resource) => _allocatable.GetValueOrDefault(resource) - _used.GetValueOrDefault(resource);

        public void Take(Pod pod)
        {
            foreach (var (resource, amount) in Requests(pod).Append(new("pods", 1)))
            {
                _used[resource] = _used.GetValueOrDefault(resource) + amount;
            }
        }

        /// <summary>Why the node does not take the pod beside those that are there; null when it does.</summary>
        public string? Refuses(Pod pod) => Unfit(pod) ?? Short(pod, Free);

        /// <summary>The same, as if none of the pods that move had come yet.</summary>
        public string? RefusesAlone(Pod pod) => Unfit(pod) ?? Short(pod, resource => _allocatable.GetValueOrDefault(resource) - _before.GetValueOrDefault(resource));

        // In the scheduler's words.
        private string? Unfit(Pod pod)
        {
            if (_node.Spec.Unschedulable == true && !Tolerations.Bear(pod, Cordon, null, "NoSchedule"))
            {
                return "node(s) were unschedulable";
            }

            if (!_node.IsReady)
            {
                return "node(s) were not ready";
            }

            if (_node.Spec.Taints.FirstOrDefault(t => t.Effect is "NoSchedule" or "NoExecute" && !Tolerations.Bear(pod, t.Key, t.Value, t.Effect)) is { } taint)
            {
                return $"node(s) had untolerated taint {taint.Key}";
            }

            return IsChosen(pod) ? null : "node(s) didn't match Pod's node affinity/selector";
        }

        private static string? Short(Pod pod, Func<string, decimal> free) =>
            free("pods") < 1 ? "Too many pods" : Requests(pod).FirstOrDefault(r => r.Value > 0 && r.Value > free(r.Key)) is { Key: { } scarce } ? $"Insufficient {scarce}" : null;

        private bool IsChosen(Pod pod)
        {
            var labels = _node.Metadata.Labels;
            return pod.Spec.NodeSelector.All(s => labels.GetValueOrDefault(s.Key) == s.Value)
                && (pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required
                    || required.NodeSelectorTerms.Any(t =>
                        (t.MatchExpressions.Count > 0 || t.MatchFields.Count > 0)
                        && t.MatchExpressions.All(e => Meets(e, labels.GetValueOrDefault(e.Key)))
                        && t.MatchFields.All(f => f.Key == "metadata.name" && Meets(f, _node.Metadata.Name))));
        }

        private static bool Meets(LabelRequirement requirement, string? value) => requirement.Operator switch
        {
            "Gt" => Number(value) > Number(requirement.Values),
            "Lt" => Number(value) < Number(requirement.Values),
            _ => requirement.Matches(value is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [requirement.Key] = value }),
        };

        private static long? Number(IReadOnlyList<string> values) => values is [var first, ..] ? Number(first) : null;

        private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
