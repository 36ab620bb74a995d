using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Whether the pods that are there let another one in beside them: required affinity and anti-affinity, and topology spread.</summary>
/// <remarks>Source: kubernetes/kubernetes, pkg/scheduler/framework/plugins/interpodaffinity and podtopologyspread.</remarks>
internal sealed class PodNeighbours
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";

    private readonly List<(string Key, HashSet<string> Places)> near = [];
    private readonly List<(string Key, HashSet<string> Places)> apart = [];
    private readonly List<(string Key, string Place)> avoided = [];
    private readonly List<Spread> spreads = [];
    private readonly bool isFirst;

    /// <summary>Looks around once for all nodes.</summary>
    public PodNeighbours(ObjectStore store, StoredObject pod, IReadOnlyCollection<NodeFit> nodes, IReadOnlyCollection<ObjectKey> exclusive)
    {
        var labels = nodes.ToDictionary(n => n.Name, n => n.Labels);
        var wanted = Terms(pod, "podAffinity").ToList();
        if (wanted.Count > 0)
        {
            var friends = Candidates(store, pod, wanted[0]).Where(p => PodConditions.IsAlive(p) && wanted.TrueForAll(t => Means(store, pod, t, p))).ToList();
            near.AddRange(wanted.Select(t => Places(t, friends, labels)));

            // The first of a group that wants to be together may go anywhere.
            isFirst = near.TrueForAll(n => n.Places.Count == 0) && wanted.TrueForAll(t => Means(store, pod, t, pod));
        }

        foreach (var term in Terms(pod, "podAntiAffinity"))
        {
            apart.Add(Places(term, Candidates(store, pod, term).Where(p => PodConditions.IsAlive(p) && Means(store, pod, term, p)), labels));
        }

        foreach (var other in exclusive.Select(store.Find).OfType<StoredObject>().Where(PodConditions.IsAlive))
        {
            foreach (var (key, places) in Terms(other, "podAntiAffinity").Where(t => Means(store, other, t, pod)).Select(t => Places(t, [other], labels)))
            {
                avoided.AddRange(places.Select(place => (key, place)));
            }
        }

        var constraints = Constraints(pod).ToList();
        spreads.AddRange(constraints.Select(c => new Spread(
            store, pod, c, [.. nodes.Where(n => constraints.TrueForAll(all => n.Labels.Str(Key(all)) is not null) && Counts(n, pod, c))])));
    }

    /// <summary>Whether where a pod may go depends on others.</summary>
    public static bool Cares(StoredObject pod) => Terms(pod, "podAffinity").Any() || Terms(pod, "podAntiAffinity").Any() || Constraints(pod).Any();

    /// <summary>Whether where others may go depends on a pod.</summary>
    public static bool IsExclusive(StoredObject pod) => Terms(pod, "podAntiAffinity").Any();

    public NodeFit.Refused? Refuse(NodeFit node)
    {
        foreach (var spread in spreads)
        {
            if (spread.Refuse(node.Labels) is { } refused)
            {
                return refused;
            }
        }

        return !near.TrueForAll(n => node.Labels.Str(n.Key) is { } place && (isFirst || n.Places.Contains(place))) ? new(["node(s) didn't match pod affinity rules"], Final: true)
            : apart.Exists(a => node.Labels.Str(a.Key) is { } place && a.Places.Contains(place)) ? new(["node(s) didn't match pod anti-affinity rules"], Final: false)
            : avoided.Exists(a => node.Labels.Str(a.Key) == a.Place) ? new(["node(s) didn't satisfy existing pods anti-affinity rules"], Final: false)
            : null;
    }

    private static string Key(JsonObject term) => term.Str("topologyKey") ?? "";

    private static IEnumerable<JsonObject> Terms(StoredObject pod, string kind) => pod.Spec.Obj("affinity").Obj(kind).Arr(Required).Objects();

    private static IEnumerable<JsonObject> Constraints(StoredObject pod) =>
        pod.Spec.Arr("topologySpreadConstraints").Objects().Where(c => c.Str("whenUnsatisfiable") != "ScheduleAnyway");

    /// <summary>Whether a constraint counts the pods of a node.</summary>
    private static bool Counts(NodeFit node, StoredObject pod, JsonObject constraint) =>
        (constraint.Str("nodeAffinityPolicy") == "Ignore" || node.IsChosen(pod)) && (constraint.Str("nodeTaintsPolicy") != "Honor" || node.IsTolerated(pod));

    /// <summary>Where pods are, as a term tells places apart.</summary>
    private static (string Key, HashSet<string> Places) Places(JsonObject term, IEnumerable<StoredObject> pods, Dictionary<string, JsonObject?> labels) =>
        (Key(term), [.. pods.Select(p => labels.GetValueOrDefault(p.Spec.Str("nodeName") ?? "").Str(Key(term))).OfType<string>()]);

    private static IEnumerable<StoredObject> Candidates(ObjectStore store, StoredObject owner, JsonObject term) =>
        term.Arr("namespaces") is { Count: > 0 } || term.Obj("namespaceSelector") is not null
            ? store.List(BuiltInTypes.Pods) : store.PodsWith(owner.Namespace, term.Obj("labelSelector").Obj("matchLabels") ?? []);

    private static bool Means(ObjectStore store, StoredObject owner, JsonObject term, StoredObject pod)
    {
        var named = term.Arr("namespaces") is { Count: > 0 } list ? list.Strings().Contains(pod.Namespace)
            : term.Obj("namespaceSelector") is null && pod.Namespace == owner.Namespace;
        return (named || (term.Obj("namespaceSelector") is { } selector && LabelSelector.FromObject(selector).Matches(store.Find(BuiltInTypes.Namespaces, "", pod.Namespace)?.Labels))) &&
            LabelSelector.FromObject(term.Obj("labelSelector")).Matches(pod.Labels);
    }

    /// <summary>One constraint: how many pods each place has, and how many more than the emptiest one it may have.</summary>
    private sealed class Spread
    {
        private readonly string key;
        private readonly Dictionary<string, int> pods = new(StringComparer.Ordinal);
        private readonly long most;

        public Spread(ObjectStore store, StoredObject pod, JsonObject constraint, IReadOnlyCollection<NodeFit> nodes)
        {
            key = Key(constraint);
            var places = nodes.ToDictionary(n => n.Name, n => n.Labels.Str(key)!);
            foreach (var place in places.Values)
            {
                pods.TryAdd(place, 0);
            }

            var selector = LabelSelector.FromObject(constraint.Obj("labelSelector"));
            var same = constraint.Arr("matchLabelKeys").Strings().ToList();
            foreach (var other in store.PodsWith(pod.Namespace, constraint.Obj("labelSelector").Obj("matchLabels") ?? []))
            {
                if (PodConditions.IsActive(other) && selector.Matches(other.Labels) && same.TrueForAll(l => other.Labels.Str(l) == pod.Labels.Str(l)) &&
                    places.TryGetValue(other.Spec.Str("nodeName") ?? "", out var place))
                {
                    pods[place]++;
                }
            }

            var least = pods.Count < (constraint.Int("minDomains") ?? 1) ? 0 : pods.Values.DefaultIfEmpty().Min();
            most = least + (constraint.Int("maxSkew") ?? 1) - (selector.Matches(pod.Labels) ? 1 : 0);
        }

        public NodeFit.Refused? Refuse(JsonObject? labels) => labels.Str(key) is not { } place
            ? new(["node(s) didn't match pod topology spread constraints (missing required label)"], Final: true)
            : pods.GetValueOrDefault(place) > most ? new(["node(s) didn't match pod topology spread constraints"], Final: false) : null;
    }
}
