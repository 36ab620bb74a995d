using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

internal static class PodRows
{
    public static readonly TableColumns Table = TableColumns.Of(
        ["Name", "Ready", "Status", "Restarts", "Age", "IP*", "Node*", "Nominated Node*", "Readiness Gates*"], Cells);

    private static object?[] Cells(StoredObject pod, DateTimeOffset now)
    {
        var containers = pod.Status.Arr("containerStatuses").Objects().ToList();
        var total = pod.Spec.Arr("containers")?.Count ?? 0;
        return
        [
            pod.Name, $"{containers.Count(c => c.Bool("ready") == true && c.Obj("state").Obj("running") is not null)}/{total}", Reason(pod, containers),
            Restarts(containers, now), HumanDuration.Age(pod, now),
            pod.Status.Str("podIP") ?? "<none>", pod.Spec.Str("nodeName") ?? "<none>", pod.Status.Str("nominatedNodeName") ?? "<none>", "<none>",
        ];
    }

    private static string Restarts(List<System.Text.Json.Nodes.JsonObject> containers, DateTimeOffset now)
    {
        var count = containers.Sum(c => c.Int("restartCount") ?? 0).ToString();
        return containers.Max(c => c.Obj("lastState").Obj("terminated").Str("finishedAt")) is { } last ? $"{count} ({HumanDuration.Since(last, now)} ago)" : count;
    }

    private static string Reason(StoredObject pod, List<System.Text.Json.Nodes.JsonObject> containers)
    {
        var reason = pod.Status.Str("reason") ?? pod.Status.Str("phase") ?? "Unknown";
        foreach (var state in containers.Select(c => c.Obj("state")))
        {
            if (state.Obj("waiting").Str("reason") is { Length: > 0 } waiting)
            {
                reason = waiting;
            }
            else if (state.Obj("terminated") is { } ended)
            {
                reason = ended.Str("reason") ?? (ended.Int("exitCode") == 0 ? "Completed" : "Error");
            }
        }

        if (pod.Status.Arr("conditions").Objects().Any(c => c.Str("type") == "PodScheduled" && c.Str("reason") == "SchedulingGated"))
        {
            reason = "SchedulingGated";
        }

        return !pod.IsDeleting ? reason : pod.Status.Str("reason") == "NodeLost" ? "Unknown" : "Terminating";
    }
}
