using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Keeps the numbered pods of a stateful set, one after the other: no pod is replaced before the old one is gone.</summary>
internal sealed class StatefulSetController(ControlPlane plane) : Controller(plane)
{
    private const string Component = "statefulset-controller";

    private readonly RevisionHistory history = new(plane);

    public override void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.StatefulSets && change.Kind != ChangeKind.Deleted)
        {
            Enqueue(change.Object.Key);
        }
        else if (change.Object.Type == BuiltInTypes.Pods)
        {
            EnqueueController(change.Object, BuiltInTypes.StatefulSets);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { IsDeleting: false } set)
        {
            return;
        }

        var before = set.Status.Str("currentRevision");
        var update = history.Sync(set, name => name == before || Pods(set).Any(p => Revision(p) == name)).Name;
        var current = before is { Length: > 0 } ? before : update;
        Advance(set, current, update);
        UpdateStatus(set, current, update);
    }

    /// <summary>Does the next steps: at once with parallel pod management, else no further than the first pod that is not well.</summary>
    private void Advance(StoredObject set, string current, string update)
    {
        var ordered = set.Spec.Str("podManagementPolicy") != "Parallel";
        var start = set.Spec.Obj("ordinals").Int("start") ?? 0;
        var end = start + (set.Spec.Int("replicas") ?? 1);
        var partition = set.Spec.Obj("updateStrategy").Obj("rollingUpdate").Int("partition") ?? 0;
        var pods = Pods(set);
        for (var ordinal = start; ordinal < end; ordinal++)
        {
            var pod = pods.Find(p => Ordinal(set, p) == ordinal);
            if (pod is null)
            {
                Create(set, ordinal, ordinal < partition ? current : update);
            }
            else if (pod is { IsDeleting: false } && pod.Status.Str("phase") is "Failed" or "Succeeded")
            {
                Delete(set, pod);
            }
            else if (!ordered || Well(set, pod))
            {
                continue;
            }

            if (ordered)
            {
                return;
            }
        }

        foreach (var pod in pods.Where(p => Ordinal(set, p) is var o && (o < start || o >= end)).OrderByDescending(p => Ordinal(set, p)))
        {
            if (!pod.IsDeleting)
            {
                Delete(set, pod);
            }

            if (ordered)
            {
                return;
            }
        }

        if (set.Spec.Obj("updateStrategy").Str("type") != "RollingUpdate")
        {
            return;
        }

        foreach (var pod in pods.Where(p => Ordinal(set, p) >= Math.Max(start, partition)).OrderByDescending(p => Ordinal(set, p)))
        {
            if (Revision(pod) != update && !pod.IsDeleting)
            {
                Delete(set, pod);
                return;
            }

            if (!Well(set, pod))
            {
                return;
            }
        }
    }

    /// <summary>Running, ready, and for long enough.</summary>
    private bool Well(StoredObject set, StoredObject pod)
    {
        if (pod.IsDeleting || pod.Status.Str("phase") != "Running")
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

    private void Create(StoredObject set, long ordinal, string revision)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{set.Name}-{ordinal}");
        var pod = PodTemplates.Compose(set, history.Template(set, revision));
        pod.Meta()["name"] = name;
        var labels = pod.Meta().Child("labels");
        labels["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture);
        labels[RevisionHistory.HashLabel] = revision;
        labels["statefulset.kubernetes.io/pod-name"] = name;
        var spec = pod.Child("spec");
        spec["hostname"] = name;
        if (set.Spec.Str("serviceName") is { Length: > 0 } service)
        {
            spec["subdomain"] = service;
        }

        foreach (var claim in set.Spec.Arr("volumeClaimTemplates").Objects().Select(c => c.Obj("metadata").Str("name")!))
        {
            if (spec["volumes"] is not JsonArray volumes)
            {
                spec["volumes"] = volumes = [];
            }

            volumes.Add(new JsonObject { ["name"] = claim, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = $"{claim}-{name}" } });
        }

        try
        {
            Registry.Create(BuiltInTypes.Pods, set.Namespace, pod);
            Plane.Events.Record(set, "Normal", "SuccessfulCreate", $"Create Pod {name} in StatefulSet {set.Name} successful", Component);
        }
        catch (ApiException refused)
        {
            Plane.Events.Record(set, "Warning", "FailedCreate", $"Create Pod {name} in StatefulSet {set.Name} failed error: {refused.Message}", Component);
            throw;
        }
    }

    private void Delete(StoredObject set, StoredObject pod)
    {
        Registry.Delete(pod, null);
        Plane.Events.Record(set, "Normal", "SuccessfulDelete", $"Delete Pod {pod.Name} in StatefulSet {set.Name} successful", Component);
    }

    private void UpdateStatus(StoredObject set, string current, string update)
    {
        if (Store.Find(set.Key) is not { } now || now.Uid != set.Uid)
        {
            return;
        }

        var pods = Pods(set);
        var ready = pods.Count(p => p.Status.Str("phase") == "Running" && PodConditions.IsReady(p));
        var available = pods.Count(p => p.Status.Str("phase") == "Running" && PodConditions.IsAvailable(p, set.Spec.Int("minReadySeconds") ?? 0, Plane.Now, out _));
        var updated = pods.Count(p => !p.IsDeleting && Revision(p) == update);
        if (updated == pods.Count && ready == pods.Count && pods.Count == (set.Spec.Int("replicas") ?? 1))
        {
            current = update;
        }

        Registry.Change(now, json =>
        {
            var status = new JsonObject { ["observedGeneration"] = set.Metadata.Int("generation") ?? 1, ["replicas"] = (long)pods.Count };
            status.SetCount("readyReplicas", ready);
            status.SetCount("currentReplicas", pods.Count(p => !p.IsDeleting && Revision(p) == current));
            status.SetCount("updatedReplicas", updated);
            status["currentRevision"] = current;
            status["updateRevision"] = update;
            status["collisionCount"] = 0L;
            status["availableReplicas"] = (long)available;
            json["status"] = status;
        });
    }

    private List<StoredObject> Pods(StoredObject set) => Store.OwnedBy(set.Uid, BuiltInTypes.Pods).FindAll(p => Owners.Controls(set, p) && Ordinal(set, p) >= 0);

    private static string? Revision(StoredObject pod) => pod.Labels.Str(RevisionHistory.HashLabel);

    private static long Ordinal(StoredObject set, StoredObject pod) =>
        pod.Name.StartsWith(set.Name + "-", StringComparison.Ordinal) && long.TryParse(pod.Name[(set.Name.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : -1;
}
