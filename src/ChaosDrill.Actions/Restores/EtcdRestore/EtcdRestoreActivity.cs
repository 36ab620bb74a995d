using System.Security.Cryptography;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Restores.EtcdRestore;

/// <summary>Brings a lost etcd back in place, and lets the API servers at it only when its content is proved.</summary>
internal sealed class EtcdRestoreActivity(EtcdRestore options, EtcdSession session, KubernetesClient client) : IActivity
{
    public IReadOnlyList<AccessNeed> Needs => [];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => Task.FromResult(new ActivityPlan(
        "stop the API servers, restore every member of etcd from the snapshot, start them, prove the content, start the API servers", [], null, []));

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        if (session.Loss is not { } loss)
        {
            return ActivityOutcome.Unknown("etcd was not lost in this drill, so there is nothing to restore: put an etcdDisaster step before this one");
        }

        var file = SnapshotFile.Read(loss.Snapshot);
        if (file.Damage is { } damage)
        {
            return Failed($"{loss.Snapshot} is not whole any more: {damage}", loss);
        }

        var (content, note) = (SnapshotContent.Read(file), SnapshotNote.Beside(loss.Snapshot));
        report.Phase(PhaseNames.RestoreStarted, $"{loss.Snapshot} into {loss.Members} member{(loss.Members == 1 ? "" : "s")}");
        await loss.Plant.StopApisAsync(client, cancellationToken);
        report.Phase("API servers stopped");
        if (await loss.Plant.RestoreAsync(loss.Snapshot, "chaosdrill-" + RandomNumberGenerator.GetHexString(16, lowercase: true), client.Clock, cancellationToken) is { } refused)
        {
            return Failed($"the restore failed: {refused}", loss);
        }

        report.Phase(PhaseNames.Restored);
        await loss.Plant.StartAsync(client.Clock, cancellationToken);
        report.Phase("members started");
        if (await EtcdPlant.HealthyAsync(loss.Access, loss.Members, options.HealthyWithin, client.Clock, cancellationToken) is not { } members)
        {
            return Failed($"not every member followed the same leader within {GoDuration.Format(options.HealthyWithin)}", loss);
        }

        report.Phase(PhaseNames.Healthy, $"etcd {members[0].Status!.Version}, {members.Single(m => m.IsLeader).Name} leads");
        using var limit = new CancellationTokenSource(options.VerifiedWithin, client.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            if (!await RestoredProof.CompareAsync(loss.Access, [.. members.Select(m => (m.Name, m.Endpoint, m.Status!))], note, content, report, client.Clock, either.Token))
            {
                report.Note($"the old data lies at {loss.Plant.Aside} and is put back");
                return ActivityOutcome.Done;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"its content was not proved within {GoDuration.Format(options.VerifiedWithin)}", loss);
        }

        report.Phase(PhaseNames.Verified);

        // From here on what was restored is the truth: the old data must not come back, whatever becomes of the drill.
        loss.IsRestored = true;
        await report.UndoAsync(loss.Data);
        if (await report.UndoAsync(loss.Apis) is { } away)
        {
            return ActivityOutcome.Failed($"etcd is back and proved, and the API servers are not: {away}");
        }

        report.Phase("API ready");
        return ActivityOutcome.Done;
    });

    private static ActivityOutcome Failed(string why, EtcdLoss loss) => ActivityOutcome.Failed($"{why}; the old data lies at {loss.Plant.Aside}, and undo puts it back");
}
