using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Keeps one pod of a daemon set on each node that takes it.</summary>
internal sealed class DaemonSetController(ControlPlane plane) : Controller(plane)
{
    private const string Component = "daemonset-controller";

    private static readonly (string Taint, string Effect)[] Tolerated =
    [
        ("not-ready", "NoExecute"), ("unreachable", "NoExecute"), ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"), ("pid-pressure", "NoSchedule"), ("unschedulable", "NoSchedule"),
    ];

    private readonly RevisionHistory history = new(plane);

    public override void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.DaemonSets && change.Kind != ChangeKind.Deleted)
        {
            Enqueue(change.Object.Key);
        }
        else if (change.Object.Type == BuiltInTypes.Pods)
        {
            EnqueueController(change.Object, BuiltInTypes.DaemonSets);
        }
        else if (change.Object.Type == BuiltInTypes.Nodes)
        {
            foreach (var set in Store.List(BuiltInTypes.DaemonSets))
            {
                Enqueue(set.Key);
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { IsDeleting: false } set)
        {
            return;
        }

        var revision = history.Sync(set, name => Pods(set).SelectMany(p => p).Any(p => $"{set.Name}-{Hash(p)}" == name));
        var hash = revision.Labels.Str(RevisionHistory.HashLabel)!;
        var sample = new StoredObject(BuiltInTypes.Pods, Compose(set, hash, null), 0);
        var pods = Pods(set);
        var wanted = new List<string>();
        foreach (var node in Store.List(BuiltInTypes.Nodes))
        {
            var (run, stay) = new NodeFit(node).Suits(sample);
            var there = pods[node.Name].Where(p => !p.IsDeleting).ToList();
            if (run)
            {
                wanted.Add(node.Name);
            }

            foreach (var pod in there.Where(p => p.Status.Str("phase") is "Failed" or "Succeeded" || !(run || stay)))
            {
                Delete(set, pod);
            }

            if (run && pods[node.Name].All(p => p.Status.Str("phase") is "Failed" or "Succeeded" && !p.IsDeleting))
            {
                Create(set, hash, node.Name);
            }
        }

        if (set.Spec.Obj("updateStrategy").Str("type") == "RollingUpdate")
        {
            Roll(set, hash, wanted);
        }

        UpdateStatus(set, hash, wanted);
    }

    /// <summary>Ends old pods: those that serve nobody, and as many others as may be missing.</summary>
    private void Roll(StoredObject set, string hash, List<string> wanted)
    {
        var pods = Pods(set);
        var limit = Amounts.Resolve(set.Spec.Obj("updateStrategy").Obj("rollingUpdate")?["maxUnavailable"], wanted.Count, roundUp: true);
        var down = wanted.Count(node => !pods[node].Any(p => IsAvailable(set, p)));
        foreach (var pod in wanted.SelectMany(node => pods[node]).Where(p => !p.IsDeleting && Hash(p) != hash).ToList())
        {
            if (!IsAvailable(set, pod))
            {
                Delete(set, pod);
            }
            else if (down < limit)
            {
                down++;
                Delete(set, pod);
            }
        }
    }

    private bool IsAvailable(StoredObject set, StoredObject pod)
    {
        if (pod.IsDeleting)
        {
            return false;
        }

        var available = PodConditions.IsAvailable(pod, set.Spec.Int("minReadySeconds") ?? 0, Plane.Now, out var wait);
        if (wait is { } later)
        {
            EnqueueAfter(set.Key, later);
        }

        return available;
    }

    private static JsonObject Compose(StoredObject set, string hash, string? node)
    {
        var pod = PodTemplates.Compose(set, set.Spec.Obj("template"));
        pod.Meta().Child("labels")[RevisionHistory.HashLabel] = hash;
        pod.Meta().Child("labels")["pod-template-generation"] = set.Metadata.Obj("annotations").Str("deprecated.daemonset.template.generation") ?? "1";
        var spec = pod.Child("spec");
        if (node is not null)
        {
            var required = spec.Child("affinity").Child("nodeAffinity").Child("requiredDuringSchedulingIgnoredDuringExecution");
            if (required["nodeSelectorTerms"] is not JsonArray { Count: > 0 } terms)
            {
                required["nodeSelectorTerms"] = terms = [new JsonObject()];
            }

            foreach (var term in terms.Objects())
            {
                term["matchFields"] = new JsonArray(new JsonObject { ["key"] = "metadata.name", ["operator"] = "In", ["values"] = new JsonArray(node) });
            }
        }

        if (spec["tolerations"] is not JsonArray tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }

        foreach (var (taint, effect) in Tolerated)
        {
            tolerations.Add(new JsonObject { ["key"] = $"node.kubernetes.io/{taint}", ["operator"] = "Exists", ["effect"] = effect });
        }

        return pod;
    }

    private void Create(StoredObject set, string hash, string node)
    {
        try
        {
            var pod = Registry.Create(BuiltInTypes.Pods, set.Namespace, Compose(set, hash, node));
            Plane.Events.Record(set, "Normal", "SuccessfulCreate", $"Created pod: {pod.Name}", Component);
        }
        catch (ApiException refused)
        {
            Plane.Events.Record(set, "Warning", "FailedCreate", $"Error creating: {refused.Message}", Component);
            throw;
        }
    }

    private void Delete(StoredObject set, StoredObject pod)
    {
        Registry.Delete(pod, null);
        Plane.Events.Record(set, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Name}", Component);
    }

    private void UpdateStatus(StoredObject set, string hash, List<string> wanted)
    {
        if (Store.Find(set.Key) is not { } now || now.Uid != set.Uid)
        {
            return;
        }

        var pods = Pods(set);
        var chosen = wanted.Select(node => pods[node].Where(p => !p.IsDeleting).OrderBy(p => p.Metadata.Str("creationTimestamp"), StringComparer.Ordinal).FirstOrDefault()).OfType<StoredObject>().ToList();
        var available = chosen.Count(p => IsAvailable(set, p));
        Registry.Change(now, json =>
        {
            var status = new JsonObject
            {
                ["currentNumberScheduled"] = (long)chosen.Count,
                ["numberMisscheduled"] = (long)pods.Count(g => !wanted.Contains(g.Key) && g.Any(p => !p.IsDeleting)),
                ["desiredNumberScheduled"] = (long)wanted.Count,
                ["numberReady"] = (long)chosen.Count(PodConditions.IsReady),
                ["observedGeneration"] = set.Metadata.Int("generation") ?? 1,
            };
            status.SetCount("updatedNumberScheduled", chosen.Count(p => Hash(p) == hash));
            status.SetCount("numberAvailable", available);
            status.SetCount("numberUnavailable", wanted.Count - available);
            json["status"] = status;
        });
    }

    /// <summary>The pods of a set by the node that they are on, or meant for.</summary>
    private ILookup<string, StoredObject> Pods(StoredObject set) =>
        Store.OwnedBy(set.Uid, BuiltInTypes.Pods).FindAll(p => Owners.Controls(set, p)).ToLookup(Node);

    private static string Node(StoredObject pod) => pod.Spec.Str("nodeName")
        ?? pod.Spec.Obj("affinity").Obj("nodeAffinity").Obj("requiredDuringSchedulingIgnoredDuringExecution").Arr("nodeSelectorTerms").Objects()
            .SelectMany(t => t.Arr("matchFields").Objects()).SelectMany(f => f.Arr("values").Strings()).FirstOrDefault() ?? "";

    private static string? Hash(StoredObject pod) => pod.Labels.Str(RevisionHistory.HashLabel);
}
