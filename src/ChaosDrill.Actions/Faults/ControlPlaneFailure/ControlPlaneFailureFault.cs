using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Twins;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.ControlPlaneFailure;

/// <summary>Stops a program of the control plane and proves that it is gone.</summary>
internal sealed class ControlPlaneFailureFault(KubernetesClient client, string ns, ControlPlaneFailure options, PlannedOutage outage) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(2);

    /// <summary>Between two questions to an API server that is expected to fall silent, and how long it may take to answer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private string Component => ControlPlaneSigns.NameOf(options.Component);

    private bool IsApiServer => options.Component == ControlPlaneComponent.ApiServer;

    private Target Target => new("ControlPlane", null, Component, Component);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. StopMark.Needs(ns, Component),
        .. IsApiServer
            ? Array.Empty<AccessNeed>()
            : [.. new[] { "get", "list", "watch" }.Select(verb => new AccessNeed(verb, "coordination.k8s.io", "leases", ControlPlaneSigns.LeaseNamespace, "prove that the leader is gone, and back", Component))],
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
        new FaultPlan($"stop {Component}", [Target], 1, $"start {Component} again", [.. await RefusalsAsync(cancellationToken)]));

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var twin = await TwinLever.IsThereAsync(client, cancellationToken);
        var stopped = new StoppedComponent(ns, Component, twin, twin ? null : new HostCommand(options.StartCommand));
        var undo = report.RecordUndo(StoppedComponent.UndoKind, $"start {Component} again", stopped.ToJson().ToJsonString());
        await stopped.MarkAsync(client, undo, cancellationToken);
        report.Requested(Target);
        if (IsApiServer)
        {
            outage.Begin();
            await StopAsync(twin, cancellationToken);
            report.Acknowledged(Target);
            await SeeSilentAsync(report, cancellationToken);
        }
        else
        {
            await SeeLeaseLapseAsync(twin, report, cancellationToken);
        }
    });

    private Task StopAsync(bool twin, CancellationToken cancellationToken) => twin
        ? TwinLever.SetAsync(client, Component, running: false, cancellationToken)
        : new HostCommand(options.StopCommand).RunAsync(CommandLimit, client.Clock, cancellationToken);

    /// <summary>Asks until no answer comes: gone since it was asked.</summary>
    private async Task SeeSilentAsync(IFaultReport report, CancellationToken cancellationToken)
    {
        var begin = client.Clock.GetTimestamp();
        while (client.Clock.GetElapsedTime(begin) < EffectLimit)
        {
            var asked = client.Clock.GetTimestamp();
            using var limit = new CancellationTokenSource(AnswerLimit, client.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            try
            {
                await ControlPlaneSigns.IsReadyAsync(client, either.Token);
            }
            catch (ApiUnreachableException e)
            {
                report.TookEffect(Target, e.Message, asked);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                report.TookEffect(Target, $"no answer within {AnswerLimit.TotalSeconds:0} s", asked);
                return;
            }

            await Task.Delay(Pause, client.Clock, cancellationToken);
        }
    }

    /// <summary>A leader that does not renew for as long as its lease lasts is gone, since it was stopped; one that another replaced is not.</summary>
    private async Task SeeLeaseLapseAsync(bool twin, IFaultReport report, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Lease? last = null;
        var heard = 0L;
        await Sighting.AroundAsync(
            client, Resources.Leases, ControlPlaneSigns.LeaseNamespace, new WatchOptions { FieldSelector = $"metadata.name={Component}" },
            e =>
            {
                (last, heard) = e.Object is { } lease ? (lease, e.ReceivedAt) : (last, heard);
                return false;
            },
            async () =>
            {
                await StopAsync(twin, cancellationToken);
                report.Acknowledged(Target);
                var begin = client.Clock.GetTimestamp();
                while (last is not null && client.Clock.GetElapsedTime(begin) < EffectLimit)
                {
                    var lasts = TimeSpan.FromSeconds(last.Spec.LeaseDurationSeconds ?? 15);
                    var silent = client.Clock.GetElapsedTime(heard > begin ? heard : begin);
                    if (silent >= lasts)
                    {
                        report.TookEffect(Target, $"lease {ControlPlaneSigns.LeaseNamespace}/{Component} was not renewed for {lasts.TotalSeconds:0} s", heard > begin ? heard : begin);
                        return;
                    }

                    await Task.Delay(lasts - silent, client.Clock, cancellationToken);
                }
            },
            TimeSpan.FromTicks(1), cancellationToken);
    }

    private async Task<List<Refusal>> RefusalsAsync(CancellationToken cancellationToken)
    {
        if (await TwinLever.IsThereAsync(client, cancellationToken))
        {
            return await TwinLever.RunsAsync(client, Component, cancellationToken)
                ? []
                : [new Refusal(RefusalKind.Guard, $"{Component} of this twin is stopped already", $"start it: kubectl get --raw /twin shows the state, docs/twin.md the lever")];
        }

        if (options.StopCommand.Count == 0)
        {
            return
            [
                new Refusal(
                    RefusalKind.Guard, $"this cluster is no twin, and nothing says how to stop its {Component}",
                    "name the commands in the step: stopCommand: [PROGRAM, ARGUMENT, ...] and startCommand: [PROGRAM, ARGUMENT, ...]"),
            ];
        }

        return IsApiServer || await client.FindAsync(Resources.Leases, ControlPlaneSigns.LeaseNamespace, Component, cancellationToken) is not null
            ? []
            :
            [
                new Refusal(
                    RefusalKind.Missing, $"there is no lease {ControlPlaneSigns.LeaseNamespace}/{Component}, by which alone its failure could be proved",
                    $"run {Component} with leader election, which is its default"),
            ];
    }
}
