using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Writes a deployment's status from its replica sets, late if the twin was told so.</summary>
internal sealed class DeploymentStatus(ControlPlane plane, Action<ObjectKey, TimeSpan> lookAgain)
{
    public void Sync(Rollout view)
    {
        var wanted = Compose(view);
        var key = view.Deployment.Key;
        var uid = view.Deployment.Uid;
        if (plane.DeploymentStatusLag > TimeSpan.Zero)
        {
            plane.Loop.After(plane.DeploymentStatusLag, () => plane.Gate.WhenUp(() => Write(key, uid, wanted)));
        }
        else
        {
            Write(key, uid, wanted);
        }
    }

    public void Progressing(StoredObject deployment, string reason, string message) => plane.Registry.Change(deployment, json =>
        SetCondition(json.Child("status"), "Progressing", "True", reason, message));

    private void Write(ObjectKey key, string uid, JsonObject status)
    {
        if (plane.Store.Find(key) is { } current && current.Uid == uid)
        {
            plane.Registry.Change(current, json => json["status"] = status);
        }
    }

    private JsonObject Compose(Rollout view)
    {
        var old = view.Deployment.Status ?? [];
        var status = new JsonObject { ["observedGeneration"] = view.Deployment.Metadata.Int("generation") ?? 1 };
        var replicas = Sum(view.Sets, "replicas");
        var updated = view.New?.Status.Int("replicas") ?? 0;
        var available = Sum(view.Sets, "availableReplicas");
        status.SetCount("replicas", replicas);
        status.SetCount("updatedReplicas", updated);
        status.SetCount("readyReplicas", Sum(view.Sets, "readyReplicas"));
        status.SetCount("availableReplicas", available);
        status.SetCount("unavailableReplicas", Math.Max(0, view.Sets.Sum(Rollout.SizeOf) - available));
        status["terminatingReplicas"] = Sum(view.Sets, "terminatingReplicas");
        status["conditions"] = old.Arr("conditions")?.DeepClone() ?? new JsonArray();
        if (available >= view.Replicas - view.MaxUnavailable)
        {
            SetCondition(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        }
        else
        {
            SetCondition(status, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        }

        Progress(view, old, status, replicas, updated, available);
        if (view.Sets.SelectMany(s => s.Status.Arr("conditions").Objects()).FirstOrDefault(c => c.Str("type") == "ReplicaFailure") is { } failure)
        {
            SetCondition(status, "ReplicaFailure", "True", failure.Str("reason")!, failure.Str("message")!);
        }
        else if (status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == "ReplicaFailure") is { } over)
        {
            status.Arr("conditions")!.Remove(over);
        }

        return status;
    }

    private void Progress(Rollout view, JsonObject old, JsonObject status, long replicas, long updated, long available)
    {
        var deadline = view.Deployment.Spec.Int("progressDeadlineSeconds");
        var condition = status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == "Progressing");
        var name = view.New is null ? $"Deployment \"{view.Deployment.Name}\"" : $"ReplicaSet \"{view.New.Name}\"";
        if (view.Deployment.Spec.Bool("paused") == true)
        {
            if (condition.Str("reason") is not ("ProgressDeadlineExceeded" or "DeploymentPaused"))
            {
                SetCondition(status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
            }

            return;
        }

        if (condition.Str("reason") == "DeploymentPaused")
        {
            SetCondition(status, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
        }

        // Once a rollout is done, what happens to its pods later is not progress.
        var settled = (old.Int("replicas") ?? 0) == (old.Int("updatedReplicas") ?? 0) && condition.Str("reason") == "NewReplicaSetAvailable" && view.New is not null && updated == replicas;
        if (settled)
        {
            return;
        }

        var complete = updated == view.Replicas && replicas == view.Replicas && available == view.Replicas;
        var progressed = updated > (old.Int("updatedReplicas") ?? 0) || replicas - updated < (old.Int("replicas") ?? 0) - (old.Int("updatedReplicas") ?? 0) ||
            Sum(view.Sets, "readyReplicas") > (old.Int("readyReplicas") ?? 0) || available > (old.Int("availableReplicas") ?? 0);
        if (complete)
        {
            SetCondition(status, "Progressing", "True", "NewReplicaSetAvailable", $"{name} has successfully progressed.");
        }
        else if (progressed)
        {
            SetCondition(status, "Progressing", "True", "ReplicaSetUpdated", $"{name} is progressing.", always: true);
            LookAt(deadline);
        }
        else if (deadline is { } seconds && condition is not null && condition.Str("reason") is not ("ProgressDeadlineExceeded" or "NewReplicaSetAvailable"))
        {
            var since = Timestamps.Parse(condition.Str("lastUpdateTime")) ?? plane.Now;
            if (since.AddSeconds(seconds) < plane.Now)
            {
                SetCondition(status, "Progressing", "False", "ProgressDeadlineExceeded", $"{name} has timed out progressing.");
            }
            else
            {
                LookAt((long)Math.Ceiling((since.AddSeconds(seconds) - plane.Now).TotalSeconds));
            }
        }

        void LookAt(long? after)
        {
            if (after is { } wait and < int.MaxValue)
            {
                lookAgain(view.Deployment.Key, TimeSpan.FromSeconds(wait + 1));
            }
        }
    }

    /// <summary>Replaces a condition unless status and reason are what they were; the newest is last, as the real controller leaves them.</summary>
    private void SetCondition(JsonObject status, string type, string value, string reason, string message, bool always = false)
    {
        if (status["conditions"] is not JsonArray list)
        {
            status["conditions"] = list = [];
        }

        var old = list.Objects().FirstOrDefault(c => c.Str("type") == type);
        if (old is not null && old.Str("status") == value && old.Str("reason") == reason && !always)
        {
            return;
        }

        var transition = old.Str("status") == value ? old.Str("lastTransitionTime") : plane.NowText;
        if (old is not null)
        {
            list.Remove(old);
        }

        list.Add(new JsonObject
        {
            ["type"] = type,
            ["status"] = value,
            ["lastUpdateTime"] = plane.NowText,
            ["lastTransitionTime"] = transition,
            ["reason"] = reason,
            ["message"] = message,
        });
    }

    private static long Sum(List<StoredObject> sets, string field) => sets.Sum(s => s.Status.Int(field) ?? 0);
}
