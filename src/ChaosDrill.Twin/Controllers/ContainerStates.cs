using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The containerStatuses of a pod.</summary>
internal static class ContainerStates
{
    public static JsonArray All(JsonObject pod, string uid, Func<JsonObject, JsonObject> stateOf, bool ready)
    {
        var list = new JsonArray();
        foreach (var container in pod.Obj("spec").Arr("containers").Objects())
        {
            var state = stateOf(container);
            var ran = !state.ContainsKey("waiting");
            var image = container.Str("image") ?? "";
            var name = container.Str("name")!;
            var status = new JsonObject
            {
                ["name"] = name,
                ["state"] = state,
                ["lastState"] = new JsonObject(),
                ["ready"] = ready,
                ["restartCount"] = 0L,
                ["image"] = image,
                ["imageID"] = ran ? $"docker-pullable://{image}" : "",
            };
            if (ran)
            {
                status["containerID"] = $"twin://{uid}/{name}";
            }

            status["started"] = state.ContainsKey("running");
            list.Add(status);
        }

        return list;
    }

    public static JsonObject Waiting(string reason, string? message = null)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null && reason != "ContainerCreating")
        {
            waiting["message"] = message;
        }

        return new JsonObject { ["waiting"] = waiting };
    }

    public static JsonObject Running(string now) => new() { ["running"] = new JsonObject { ["startedAt"] = now } };

    public static JsonObject Terminated(JsonObject podStatus, int exitCode, string now) => new()
    {
        ["terminated"] = new JsonObject
        {
            ["exitCode"] = (long)exitCode,
            ["reason"] = exitCode == 0 ? "Completed" : "Error",
            ["startedAt"] = podStatus.Str("startTime") ?? now,
            ["finishedAt"] = now,
        },
    };
}
