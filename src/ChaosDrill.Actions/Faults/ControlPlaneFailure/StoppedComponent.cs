using System.Text.Json.Nodes;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Twins;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.ControlPlaneFailure;

/// <summary>
/// The way back from a stopped program of the control plane. It needs no API server: it pulls the twin's lever or runs the
/// scenario's command first, and only then looks for the mark in the cluster, a config map in the drill's namespace.
/// </summary>
/// <param name="Namespace">Where the mark is.</param>
/// <param name="Component">Name of the program, such as <c>kube-scheduler</c>.</param>
/// <param name="IsTwin">Whether the twin's lever starts it.</param>
/// <param name="Start">The command that starts it elsewhere; null in the cluster's own mark, which must not make anybody's machine run anything.</param>
internal sealed record StoppedComponent(string Namespace, string Component, bool IsTwin, HostCommand? Start)
{
    public const string UndoKind = "controlPlaneFailure";

    /// <summary>How long a program may take to be back after it was started.</summary>
    private static readonly TimeSpan BackLimit = TimeSpan.FromSeconds(50);

    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private StopMark Mark => new(Namespace, Component);

    public static StoppedComponent FromJson(JsonObject json) => new(
        (string)json["namespace"]!, (string)json["component"]!, (bool?)json["twin"] == true, json["start"] is { } start ? HostCommand.FromJson(start) : null);

    public JsonObject ToJson() => new() { ["namespace"] = Namespace, ["component"] = Component, ["twin"] = IsTwin, ["start"] = Start?.ToJson() };

    /// <summary>Marks the program in the cluster as one that a drill is about to stop.</summary>
    public Task MarkAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        Mark.MakeAsync(client, undo, (this with { Start = null }).ToJson(), cancellationToken);

    /// <summary>Starts the program, waits until it is back, and removes the mark.</summary>
    public static async Task<string> PutBackAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var stopped = FromJson(JsonNode.Parse(undo.Payload)!.AsObject());
        if (stopped.IsTwin)
        {
            await TwinLever.SetAsync(client, stopped.Component, running: true, cancellationToken);
        }
        else if (stopped.Start is { } start)
        {
            await start.RunAsync(CommandLimit, client.Clock, cancellationToken);
        }

        await stopped.BackAsync(client, cancellationToken);
        await stopped.Mark.RemoveAsync(client, undo, cancellationToken);
        return $"{stopped.Component} runs again";
    }

    private async Task BackAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(BackLimit, client.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await ControlPlaneSigns.AnswersAsync(client, Pause, either.Token);
            if (Component != ControlPlaneSigns.ApiServer)
            {
                await ControlPlaneSigns.RenewsAsync(client, Component, Pause, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw !IsTwin && Start is null
                ? new UndoRefusedException($"{Component} was stopped by a command, and only the machine that ran the drill knows how to start it; run there: chaosdrill undo")
                : new ClusterException($"{Component} was started and is not back after {BackLimit.TotalSeconds:0} s");
        }
    }
}
