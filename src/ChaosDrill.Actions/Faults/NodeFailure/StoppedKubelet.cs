using System.Text.Json.Nodes;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.NodeFailure;

/// <summary>The way back from a kubelet that a command has stopped.</summary>
/// <param name="Node">The node; its mark tells whose kubelet a drill has stopped.</param>
/// <param name="Start">The command that starts it; null in the cluster's own mark, which must not make anybody's machine run anything.</param>
internal sealed record StoppedKubelet(Place Node, HostCommand? Start)
{
    public const string UndoKind = "nodeFailureByCommand";

    public static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(1);

    public static StoppedKubelet FromJson(JsonObject json) =>
        new(Place.FromJson(json["object"]!.AsObject()), json["start"] is { } start ? HostCommand.FromJson(start) : null);

    public JsonObject ToJson() => new() { ["object"] = Node.ToJson(), ["start"] = Start?.ToJson() };

    /// <summary>Marks the node as one whose kubelet a drill is about to stop.</summary>
    public Task MarkAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        MarkedChange.MarkAsync(client, Node, undo with { Payload = (this with { Start = null }).ToJson().ToJsonString() }, cancellationToken);

    /// <summary>Starts the kubelet and removes the mark.</summary>
    /// <exception cref="UndoRefusedException">Only the cluster's mark is at hand, and the node is not back by itself.</exception>
    public static async Task<string> PutBackAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var stopped = FromJson(JsonNode.Parse(undo.Payload)!.AsObject());
        if (stopped.Start is { } start)
        {
            await start.RunAsync(CommandLimit, client.Clock, cancellationToken);
        }
        else if (await client.FindAsync(Resources.Nodes, null, stopped.Node.Name, cancellationToken) is { IsReady: false })
        {
            throw new UndoRefusedException(
                $"{undo.Description}: it was stopped by a command, and only the machine that ran the drill knows how to start it; run there: chaosdrill undo {undo.DrillId}");
        }

        await MarkedChange.UnmarkAsync(client, stopped.Node, undo, cancellationToken);
        return $"the kubelet of {stopped.Node} {(stopped.Start is null ? "runs" : "was started")} again";
    }
}
