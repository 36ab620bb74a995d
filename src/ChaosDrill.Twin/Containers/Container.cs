using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Containers;

/// <summary>One container of a pod on its node: what it is now, how its last run ended, what it wrote.</summary>
/// <remarks>Used inside the loop only.</remarks>
internal sealed class Container(string name, string podUid)
{
    private JsonObject state = Waiting("ContainerCreating");
    private JsonObject lastState = [];
    private int runs;

    /// <summary>The run under way has ended, and with it whatever runs beside it.</summary>
    public event Action? RunEnded;

    public string Name => name;

    public bool Ready { get; set; }

    public bool IsRunning { get; private set; }

    /// <summary>How often it was started again.</summary>
    public int Restarts => Math.Max(0, runs - 1);

    /// <summary>The exit code of the run that has ended; null while one is under way or none was.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>What this run writes, or the last one, when none is under way.</summary>
    public ContainerLog Log { get; private set; } = new();

    /// <summary>What the run before wrote; null when there was none.</summary>
    public ContainerLog? PreviousLog { get; private set; }

    /// <summary>As the runtime names it: each run has its own.</summary>
    private string Id => Restarts == 0 ? $"twin://{podUid}/{name}" : $"twin://{podUid}/{name}-{Restarts}";

    public static JsonObject Waiting(string reason, string? message = null)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null && reason != "ContainerCreating")
        {
            waiting["message"] = message;
        }

        return new JsonObject { ["waiting"] = waiting };
    }

    public void Wait(string reason, string? message = null)
    {
        if (state.Obj("terminated") is { } ended)
        {
            lastState = new JsonObject { ["terminated"] = ended.DeepClone() };
        }

        state = Waiting(reason, message);
    }

    public void Start(string now)
    {
        if (state.Obj("terminated") is { } ended)
        {
            lastState = new JsonObject { ["terminated"] = ended.DeepClone() };
        }

        if (runs++ > 0)
        {
            PreviousLog = Log;
            Log = new ContainerLog();
        }

        ExitCode = null;
        IsRunning = true;
        state = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = now } };
    }

    /// <summary>The run has ended.</summary>
    public void End(int exitCode, string now, string? startedBefore)
    {
        var terminated = new JsonObject
        {
            ["exitCode"] = (long)exitCode,
            ["reason"] = exitCode == 0 ? "Completed" : "Error",
            ["startedAt"] = state.Obj("running").Str("startedAt") ?? startedBefore ?? now,
            ["finishedAt"] = now,
        };
        if (runs > 0)
        {
            terminated["containerID"] = Id;
        }

        IsRunning = false;
        Ready = false;
        ExitCode = exitCode;
        state = new JsonObject { ["terminated"] = terminated };
        Log.End();
        RunEnded?.Invoke();
    }

    private static JsonObject Mount(JsonObject mount)
    {
        var status = new JsonObject { ["name"] = mount.Str("name"), ["mountPath"] = mount.Str("mountPath") };
        if (mount.Bool("readOnly") == true)
        {
            status["readOnly"] = true;
            status["recursiveReadOnly"] = "Disabled";
        }

        return status;
    }

    /// <summary>Its entry in the pod's containerStatuses.</summary>
    /// <param name="spec">Its entry in the pod's containers.</param>
    public JsonObject Describe(JsonObject spec)
    {
        var image = spec.Str("image") ?? "";
        var ran = runs > 0 || !state.ContainsKey("waiting");
        var status = new JsonObject
        {
            ["name"] = name,
            ["state"] = state.DeepClone(),
            ["lastState"] = lastState.DeepClone(),
            ["ready"] = Ready,
            ["restartCount"] = (long)Restarts,
            ["image"] = image,
            ["imageID"] = ran ? $"docker-pullable://{image}" : "",
        };
        if (ran)
        {
            status["containerID"] = Id;
        }

        status["started"] = IsRunning;
        if (!state.ContainsKey("waiting") && spec.Obj("resources") is { Count: > 0 } resources)
        {
            if (resources.Obj("requests") is { } requests)
            {
                status["allocatedResources"] = requests.DeepClone();
            }

            status["resources"] = resources.DeepClone();
        }

        if (spec.Arr("volumeMounts") is { Count: > 0 } mounts)
        {
            status["volumeMounts"] = JsonReading.ToArray(mounts.Objects().Select(Mount));
        }

        return status;
    }
}
