using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Runs the pods of a job until enough of them have succeeded, or too many have failed.</summary>
internal sealed class JobController(ControlPlane plane) : Controller(plane)
{
    private const string Component = "job-controller";
    private const string Tracking = "batch.kubernetes.io/job-tracking";

    /// <summary>When a job whose pod failed may start another.</summary>
    private readonly Dictionary<string, DateTimeOffset> pausedUntil = new(StringComparer.Ordinal);

    public override void Notice(StoreChange change)
    {
        var stored = change.Object;
        if (stored.Type == BuiltInTypes.Jobs && change.Kind != ChangeKind.Deleted)
        {
            Enqueue(stored.Key);
        }
        else if (stored.Type == BuiltInTypes.Jobs)
        {
            pausedUntil.Remove(stored.Uid);
            foreach (var pod in Store.OwnedBy(stored.Uid, BuiltInTypes.Pods))
            {
                Enqueue(pod.Key);
            }
        }
        else if (stored.Type == BuiltInTypes.Pods && Owners.ControllerOf(stored, "Job") is not null)
        {
            EnqueueController(stored, BuiltInTypes.Jobs);
            if (stored.IsDeleting && change.Kind != ChangeKind.Deleted)
            {
                Enqueue(stored.Key);
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } stored)
        {
            return;
        }

        if (stored.Type == BuiltInTypes.Pods)
        {
            // Nobody counts the pods of a job that is gone.
            if (Store.FindByUid(Owners.ControllerOf(stored, "Job") ?? "") is null)
            {
                Release(stored);
            }

            return;
        }

        if (!stored.IsDeleting)
        {
            Run(stored);
        }
    }

    private void Run(StoredObject job)
    {
        var pods = Store.OwnedBy(job.Uid, BuiltInTypes.Pods).FindAll(p => Owners.Controls(job, p));
        var (succeeded, failed) = (job.Status.Int("succeeded") ?? 0, job.Status.Int("failed") ?? 0);
        foreach (var pod in pods.Where(IsTracked).ToList())
        {
            var phase = pod.Status.Str("phase");
            if (phase == "Succeeded" && !pod.IsDeleting)
            {
                succeeded++;
                Release(pod);
            }
            else if (phase == "Failed" || pod.IsDeleting)
            {
                // A pod that was told to go has failed, however it ends.
                failed++;
                Release(pod);
            }
        }

        pods = Store.OwnedBy(job.Uid, BuiltInTypes.Pods).FindAll(p => Owners.Controls(job, p));
        var active = pods.FindAll(PodConditions.IsActive);
        var end = Verdict(job, succeeded, failed, active.Count);
        if (!IsFinished(job) && (end?.Condition == "Failed" || job.Spec.Bool("suspend") == true))
        {
            active.ForEach(p => Registry.Delete(p, null));
            active = [];
        }
        else if (end is null && !IsFinished(job))
        {
            Fill(job, active, succeeded, failed);
        }

        UpdateStatus(job, active, succeeded, failed, pods.Count(p => p.IsDeleting && p.Status.Str("phase") is not ("Succeeded" or "Failed")), IsFinished(job) ? null : end);
    }

    private static (string Condition, string Reason, string Message)? Verdict(StoredObject job, long succeeded, long failed, int active)
    {
        if (failed > (job.Spec.Int("backoffLimit") ?? 6))
        {
            return ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        var enough = job.Spec.Int("completions") is { } completions ? succeeded >= completions : succeeded > 0 && active == 0;
        return enough ? ("Complete", "CompletionsReached", "Reached expected number of succeeded pods") : null;
    }

    /// <summary>Starts what is missing; after a failure later and later.</summary>
    private void Fill(StoredObject job, List<StoredObject> active, long succeeded, long failed)
    {
        var wanted = Math.Min(job.Spec.Int("parallelism") ?? 1, job.Spec.Int("completions") is { } completions ? completions - succeeded : succeeded > 0 ? active.Count : long.MaxValue);
        if (active.Count < wanted && failed > (job.Status.Int("failed") ?? 0))
        {
            var pause = TimeSpan.FromSeconds(Math.Min(600, 10 << (int)Math.Min(failed - 1, 6)));
            pausedUntil[job.Uid] = Plane.Now + pause;
            EnqueueAfter(job.Key, pause);
        }

        if (pausedUntil.TryGetValue(job.Uid, out var resume) && Plane.Now < resume)
        {
            return;
        }

        for (var i = active.Count; i < wanted; i++)
        {
            var pod = PodTemplates.Compose(job, job.Spec.Obj("template"));
            pod.Meta()["finalizers"] = new JsonArray(Tracking);
            try
            {
                var stored = Registry.Create(BuiltInTypes.Pods, job.Namespace, pod);
                active.Add(stored);
                Plane.Events.Record(job, "Normal", "SuccessfulCreate", $"Created pod: {stored.Name}", Component);
            }
            catch (ApiException refused)
            {
                Plane.Events.Record(job, "Warning", "FailedCreate", $"Error creating: {refused.Message}", Component);
                throw;
            }
        }
    }

    private void UpdateStatus(StoredObject job, List<StoredObject> active, long succeeded, long failed, int terminating, (string Condition, string Reason, string Message)? end)
    {
        if (Store.Find(job.Key) is not { } now || now.Uid != job.Uid)
        {
            return;
        }

        Registry.Change(now, json =>
        {
            var status = json.Child("status");
            status.Default("startTime", Plane.NowText);
            status.SetCount("active", active.Count);
            status.SetCount("succeeded", succeeded);
            status.SetCount("failed", failed);
            status["terminating"] = (long)terminating;
            status["uncountedTerminatedPods"] = new JsonObject();
            status["ready"] = (long)active.Count(PodConditions.IsReady);
            if (end is var (condition, reason, message))
            {
                var complete = condition == "Complete";
                status["conditions"] = new JsonArray(Condition(complete ? "SuccessCriteriaMet" : "FailureTarget", reason, message), Condition(condition, reason, message));
                if (complete)
                {
                    status["completionTime"] = Plane.NowText;
                }
            }
        });
        if (end is { } verdict)
        {
            var complete = verdict.Condition == "Complete";
            Plane.Events.Record(job, complete ? "Normal" : "Warning", complete ? "Completed" : verdict.Reason, complete ? "Job completed" : verdict.Message, Component);
        }
    }

    private JsonObject Condition(string type, string reason, string message) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastProbeTime"] = Plane.NowText,
        ["lastTransitionTime"] = Plane.NowText,
        ["reason"] = reason,
        ["message"] = message,
    };

    private static bool IsFinished(StoredObject job) => job.Status.Arr("conditions").Objects().Any(c => c.Str("type") is "Complete" or "Failed");

    private static bool IsTracked(StoredObject pod) => pod.Metadata.Arr("finalizers").Strings().Contains(Tracking);

    private void Release(StoredObject pod)
    {
        if (IsTracked(pod))
        {
            Registry.Change(pod, json =>
            {
                var left = json.Meta().Arr("finalizers").Strings().Where(f => f != Tracking).ToList();
                if (left.Count == 0)
                {
                    json.Meta().Remove("finalizers");
                }
                else
                {
                    json.Meta()["finalizers"] = JsonReading.ToArray(left.Select(f => (JsonNode)f!));
                }
            });
        }
    }
}
