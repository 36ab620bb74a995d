using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>What the server fills in for stateful sets, daemon sets, jobs and cron jobs.</summary>
internal static class WorkloadDefaults
{
    public static void Apply(ResourceType type, JsonObject json)
    {
        var spec = json.Child("spec");
        switch (type.Kind)
        {
            case "StatefulSet":
                StatefulSet(spec);
                json.Default("status", new JsonObject { ["replicas"] = 0L, ["availableReplicas"] = 0L });
                break;
            case "DaemonSet":
                DaemonSet(spec);
                json.Meta().Child("annotations").Default("deprecated.daemonset.template.generation", "1");
                json.Default("status", new JsonObject { ["currentNumberScheduled"] = 0L, ["numberMisscheduled"] = 0L, ["desiredNumberScheduled"] = 0L, ["numberReady"] = 0L });
                break;
            case "CronJob":
                CronJob(spec);
                json.Default("status", new JsonObject());
                break;
            default:
                Job(json, spec);
                json.Default("status", new JsonObject());
                break;
        }
    }

    private static void StatefulSet(JsonObject spec)
    {
        spec.Default("replicas", 1L);
        Defaults.Template(spec);
        spec.Default("podManagementPolicy", "OrderedReady");
        var strategy = spec.Child("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Str("type") == "RollingUpdate")
        {
            strategy.Child("rollingUpdate").Default("partition", 0L);
        }

        spec.Default("revisionHistoryLimit", 10L);
        spec.Child("persistentVolumeClaimRetentionPolicy").Default("whenDeleted", "Retain");
        spec.Child("persistentVolumeClaimRetentionPolicy").Default("whenScaled", "Retain");
    }

    private static void DaemonSet(JsonObject spec)
    {
        Defaults.Template(spec);
        var strategy = spec.Child("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Str("type") == "RollingUpdate")
        {
            strategy.Child("rollingUpdate").Default("maxUnavailable", 1L);
            strategy.Child("rollingUpdate").Default("maxSurge", 0L);
        }

        spec.Default("revisionHistoryLimit", 10L);
    }

    private static void CronJob(JsonObject spec)
    {
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3L);
        spec.Default("failedJobsHistoryLimit", 1L);
        Defaults.Template(spec.Child("jobTemplate").Child("spec"));
    }

    private static void Job(JsonObject json, JsonObject spec)
    {
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1L;
        }

        spec.Default("parallelism", 1L);
        spec.Default("backoffLimit", 6L);
        spec.Default("manualSelector", false);
        Defaults.Template(spec);
        if (spec.Bool("manualSelector") == false)
        {
            var (uid, name) = (json.Meta().Str("uid"), json.Meta().Str("name"));
            spec.Default("selector", new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid } });
            var labels = spec.Child("template").Child("metadata").Child("labels");
            labels.Default("batch.kubernetes.io/controller-uid", uid);
            labels.Default("batch.kubernetes.io/job-name", name);
            labels.Default("controller-uid", uid);
            labels.Default("job-name", name);
        }

        if (json.Meta().Obj("labels") is not { Count: > 0 })
        {
            json.Meta()["labels"] = spec.Obj("template").Obj("metadata").Obj("labels")?.DeepClone();
        }

        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("podReplacementPolicy", "TerminatingOrFailed");
    }
}
