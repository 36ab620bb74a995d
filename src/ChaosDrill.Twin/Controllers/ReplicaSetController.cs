using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Keeps as many pods as a replica set asks for. Pods that are going do not count.</summary>
internal sealed class ReplicaSetController(ControlPlane plane) : Controller(plane)
{
    private const string Component = "replicaset-controller";

    /// <summary>The back-off of the real controllers' queues: doubled with each failure.</summary>
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(1000);

    private readonly Dictionary<ObjectKey, int> failures = [];

    private static readonly IComparer<string?> Newest = Comparer<string?>.Create((left, right) => string.CompareOrdinal(right, left));

    public override void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.ReplicaSets && change.Kind != ChangeKind.Deleted)
        {
            Enqueue(change.Object.Key);
        }
        else if (change.Object.Type == BuiltInTypes.Pods)
        {
            EnqueueController(change.Object, BuiltInTypes.ReplicaSets);
            if (Owners.Controller(change.Object) is null && change.Kind != ChangeKind.Deleted)
            {
                EnqueueAdopters(change.Object);
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } set)
        {
            return;
        }

        if (!set.IsDeleting)
        {
            AdoptOrphans(set);
        }

        var owned = Store.OwnedBy(set.Uid, BuiltInTypes.Pods).FindAll(p => Owners.Controls(set, p));
        var active = owned.FindAll(PodConditions.IsActive);
        var terminating = owned.Count(p => p.IsDeleting && p.Status.Str("phase") is not ("Succeeded" or "Failed"));
        if (!set.IsDeleting)
        {
            Scale(set, active);
        }

        if (Store.Find(key) is { } current && current.Uid == set.Uid)
        {
            UpdateStatus(current, active, terminating);
        }
    }

    private void Scale(StoredObject set, List<StoredObject> active)
    {
        var missing = (int)(set.Spec.Int("replicas") ?? 0) - active.Count;
        for (var i = 0; i < missing; i++)
        {
            if (!CreatePod(set))
            {
                var failed = failures[set.Key] = failures.GetValueOrDefault(set.Key) + 1;
                var pause = FirstBackOff * Math.Pow(2, Math.Min(failed - 1, 30));
                EnqueueAfter(set.Key, pause < LongestBackOff ? pause : LongestBackOff);
                return;
            }
        }

        failures.Remove(set.Key);

        if (missing < 0)
        {
            foreach (var pod in active.OrderBy(Keep).ThenBy(p => p.Metadata.Str("creationTimestamp"), Newest).ThenBy(p => p.Name, StringComparer.Ordinal).Take(-missing).ToList())
            {
                Registry.Delete(pod, null);
                Plane.Events.Record(set, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Name}", Component);
            }
        }
    }

    /// <summary>What goes first when there are too many: unassigned, then pending, then not ready.</summary>
    private static int Keep(StoredObject pod) =>
        (pod.Spec.Str("nodeName") is null ? 0 : 4) + (pod.Status.Str("phase") == "Running" ? 2 : 0) + (PodConditions.IsReady(pod) ? 1 : 0);

    private bool CreatePod(StoredObject set)
    {
        try
        {
            var stored = Registry.Create(BuiltInTypes.Pods, set.Namespace, PodTemplates.Compose(set, set.Spec.Obj("template")));
            Plane.Events.Record(set, "Normal", "SuccessfulCreate", $"Created pod: {stored.Name}", Component);
            return true;
        }
        catch (ApiException refused)
        {
            Plane.Events.Record(set, "Warning", "FailedCreate", $"Error creating: {refused.Message}", Component);
            return false;
        }
    }

    private void UpdateStatus(StoredObject set, List<StoredObject> active, int terminating)
    {
        var labels = LabelSelector.FromObject(new JsonObject { ["matchLabels"] = set.Spec.Obj("template").Obj("metadata")?["labels"]?.DeepClone() ?? new JsonObject() });
        var minReady = set.Spec.Int("minReadySeconds") ?? 0;
        var available = 0;
        TimeSpan? soonest = null;
        foreach (var pod in active)
        {
            if (PodConditions.IsAvailable(pod, minReady, Plane.Now, out var wait))
            {
                available++;
            }

            soonest = wait is null || wait > soonest ? soonest : wait;
        }

        Registry.Change(set, json =>
        {
            var status = json.Child("status");
            status["replicas"] = (long)active.Count;
            status.SetCount("fullyLabeledReplicas", active.Count(p => labels.Matches(p.Labels)));
            status.SetCount("readyReplicas", active.Count(PodConditions.IsReady));
            status.SetCount("availableReplicas", available);
            status["terminatingReplicas"] = (long)terminating;
            status["observedGeneration"] = set.Metadata.Int("generation") ?? 1;
        });
        if (soonest is { } later)
        {
            EnqueueAfter(set.Key, later);
        }
    }

    private void AdoptOrphans(StoredObject set)
    {
        if (set.Spec.Obj("selector") is not { } selector)
        {
            return;
        }

        var matching = LabelSelector.FromObject(selector);
        foreach (var pod in Store.PodsWith(set.Namespace, selector.Obj("matchLabels") ?? []))
        {
            if (Owners.Controller(pod) is null && !pod.IsDeleting && matching.Matches(pod.Labels))
            {
                Registry.Change(pod, json => Owners.Adopt(json, set));
            }
        }
    }

    private void EnqueueAdopters(StoredObject pod)
    {
        foreach (var set in Store.List(BuiltInTypes.ReplicaSets, pod.Namespace))
        {
            if (LabelSelector.FromObject(set.Spec.Obj("selector")).Matches(pod.Labels))
            {
                Enqueue(set.Key);
            }
        }
    }
}
