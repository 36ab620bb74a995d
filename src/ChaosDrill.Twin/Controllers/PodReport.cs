using System.Text.Json.Nodes;
using ChaosDrill.Twin.Containers;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Controllers;

/// <summary>What the kubelet writes into a pod's status.</summary>
internal static class PodReport
{
    /// <summary>It was seen: its containers are being created.</summary>
    public static void Accepted(JsonObject pod, Container[] containers, string host, string now)
    {
        var status = Observed(pod, "Pending");
        PodConditions.Set(pod, "PodReadyToStartContainers", "False", now);
        PodConditions.Set(pod, "Initialized", "True", now);
        Ready(pod, containers, false, now);
        PodConditions.Set(pod, "PodScheduled", "True", now);
        status["hostIP"] = host;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = host });
        status["startTime"] = now;
        Describe(pod, containers);
        PodResources.Report(pod);
    }

    /// <summary>Its containers run.</summary>
    public static void Running(JsonObject pod, Container[] containers, string address, string now)
    {
        var status = pod.Child("status");
        status["phase"] = "Running";
        PodConditions.Set(pod, "PodReadyToStartContainers", "True", now);
        status["podIP"] = address;
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        Describe(pod, containers);
    }

    /// <summary>Its containers have ended for good.</summary>
    public static void Finished(JsonObject pod, Container[] containers, bool failed, string now)
    {
        Observed(pod, failed ? "Failed" : "Succeeded");
        var reason = failed ? "PodFailed" : "PodCompleted";
        PodConditions.Set(pod, "PodReadyToStartContainers", "False", now);
        PodConditions.Set(pod, "Ready", "False", now, reason);
        PodConditions.Set(pod, "ContainersReady", "False", now, reason);
        Describe(pod, containers);
    }

    /// <summary>Whether it is ready, and which containers are not.</summary>
    public static void Ready(JsonObject pod, Container[] containers, bool ready, string now)
    {
        var status = ready ? "True" : "False";
        var reason = ready ? null : "ContainersNotReady";
        var message = ready ? null : $"containers with unready status: [{string.Join(' ', containers.Where(c => !c.Ready).Select(c => c.Name))}]";
        PodConditions.Set(pod, "Ready", status, now, reason, message);
        PodConditions.Set(pod, "ContainersReady", status, now, reason, message);
    }

    /// <summary>How each container is.</summary>
    public static void Describe(JsonObject pod, Container[] containers) => pod.Child("status")["containerStatuses"] = JsonReading.ToArray(
        pod.Obj("spec").Arr("containers").Objects().Select(spec => Array.Find(containers, c => c.Name == spec.Str("name"))?.Describe(spec)));

    private static JsonObject Observed(JsonObject pod, string phase)
    {
        var status = pod.Child("status");
        status["observedGeneration"] = pod.Meta().Int("generation") ?? 1;
        status["phase"] = phase;
        return status;
    }
}
