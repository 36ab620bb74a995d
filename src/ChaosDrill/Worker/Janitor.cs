using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Store;

namespace ChaosDrill.Worker;

/// <summary>
/// Clears up after the dead: takes over their firings, goes the ways back of their drills, and gives these their last
/// word. Also goes ways back that a drill could not go at its end, as soon as the cluster answers again.
/// </summary>
/// <remarks>Called by one at a time. Everything it does may be done twice.</remarks>
/// <param name="options">Where reports go, and which cluster is meant.</param>
/// <param name="store">The store.</param>
/// <param name="triggers">Goes on with what never began.</param>
/// <param name="runner">What this worker runs itself.</param>
/// <param name="pulse">Which other workers live; null when this one has its store alone, so that every other one is dead.</param>
/// <param name="log">What it says.</param>
/// <param name="clock">All times.</param>
internal sealed class Janitor(WorkerOptions options, DrillStore store, Triggers triggers, DrillRunner runner, Pulse? pulse, WorkerLog log, TimeProvider clock)
{
    /// <summary>How long one cluster may take in one round.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>After a cluster did not answer, until it is asked again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly HashSet<(string Drill, string Undo)> _refused = [];
    private readonly Dictionary<string, long> _silent = [];
    private readonly List<(string Drill, string From, long Beats)> _ghosts = [];
    private readonly Queue<string> _unreported = [];

    /// <summary>One round.</summary>
    /// <exception cref="JournalException">The store fails.</exception>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var mine = runner.Running.Select(r => r.Firing.Id).ToHashSet();
        foreach (var firing in store.Firings.Open().Where(f => f.WorkerSet == options.WorkerSet))
        {
            // One of this worker that it does not run is one that a defect has thrown out.
            var (isMine, beats) = (firing.Owner == runner.Owner, firing.Owner is null ? null : pulse?.BeatsOfDead(firing.Owner));
            var isAbandoned = isMine ? !mine.Contains(firing.Id) : firing.Owner is null || pulse is null || beats is not null;
            if (!isAbandoned)
            {
                pulse?.Watch(firing.Owner!);
                continue;
            }

            if ((isMine ? firing : store.Firings.TakeOver(firing, runner.Owner, clock.GetUtcNow(), beats)) is not { } taken)
            {
                continue;
            }

            if (taken.State == FiringState.Claimed)
            {
                log.Info("takes over a firing whose drill had not begun", ("firing", firing.Id), ("from", firing.Owner));
                triggers.Resume(taken);
                continue;
            }

            if (beats is { } last)
            {
                _ghosts.Add((taken.Drill!, firing.Owner!, last));
            }

            if (await SettleAsync(taken.Drill!, taken, cancellationToken) is { } ended)
            {
                store.Firings.Finish(taken, FiringState.Ended, ended, clock.GetUtcNow());
            }
        }

        await LayGhostsAsync(cancellationToken);
        var firings = store.Firings.Open().Select(f => f.Drill).ToHashSet();
        foreach (var crashed in store.Unfinished().Where(d => d.State == DrillState.Crashed && !firings.Contains(d.Id)))
        {
            await SettleAsync(crashed.Id, null, cancellationToken);
        }

        foreach (var drill in store.OutstandingUndos().Where(u => u.Drill == DrillState.Ended).GroupBy(u => u.Undo.DrillId).Where(d => IsOurs(d.Key)).ToList())
        {
            await GoBackAsync(store.Read(drill.Key)!, [.. drill.Select(u => u.Undo)], _ => { }, cancellationToken);
        }

        // Paper last: what is broken waits for nothing.
        while (_unreported.TryDequeue(out var settled))
        {
            WriteReport(store.Read(settled)!);
        }
    }

    /// <summary>Whether a drill is of this set of workers, or of none.</summary>
    private bool IsOurs(string drill) => store.Firings.OfDrill(drill) is not { } firing || firing.WorkerSet == options.WorkerSet;

    /// <summary>
    /// A worker that only stood still had perhaps written down a change, and sent it when it woke: what its drill wrote down
    /// is put back once more.
    /// </summary>
    private async Task LayGhostsAsync(CancellationToken cancellationToken)
    {
        foreach (var ghost in _ghosts.Where(g => pulse!.HasBeaten(g.From, g.Beats)).ToList())
        {
            if (await GoBackAsync(store.Read(ghost.Drill)!, [.. store.UndosOf(ghost.Drill)], _ => { }, cancellationToken) is not null)
            {
                _ghosts.Remove(ghost);
            }
        }
    }

    /// <summary>Puts back what a dead drill changed and gives it its last word.</summary>
    /// <returns>What it says; null while the cluster does not answer.</returns>
    private async Task<string?> SettleAsync(string id, Firing? claimed, CancellationToken cancellationToken)
    {
        if (!store.Holds(id))
        {
            return "its drill was taken out of the history";
        }

        var record = store.Read(id)!;
        if (record.End is null)
        {
            var left = store.OutstandingUndos().Where(u => u.Undo.DrillId == id).Select(u => u.Undo).ToList();
            var (at, sequence) = (record.Timeline.Count == 0 ? TimeSpan.Zero : record.Timeline[^1].At, record.Timeline.Select(e => e.Sequence).DefaultIfEmpty().Max());
            List<TimelineEntry> told = [];
            void Tell(TimelineEvent happened) => told.Add(new TimelineEntry(++sequence, at, happened));

            // The dead drill's clock has stopped: what is done for it now stands at its last instant.
            Tell(new Note($"the process died here; worker {runner.Owner} took over at {clock.GetUtcNow():u}"));
            if (await GoBackAsync(record, left, Tell, cancellationToken) is not { } complete)
            {
                return null;
            }

            var end = new DrillEnd(
                DrillEnding.Broken, at,
                $"the process that ran it died; worker {runner.Owner} took over at {clock.GetUtcNow():u} and {(complete ? "everything is put back" : "could not put everything back")}",
                complete);
            record = record with { Timeline = [.. record.Timeline, .. told], End = end };
            var wasQuicker = false;
            try
            {
                store.Complete(record, Judge.Of(record), claimed);
            }
            catch (JournalException e) when (e is not ClaimLostException && store.Read(id)!.End is not null)
            {
                // Another process was quicker.
                wasQuicker = true;
            }

            log.Info("drill of a dead process is settled", ("drill", id), ("undoComplete", complete));
            _unreported.Enqueue(id);
            if (!wasQuicker)
            {
                runner.Tell(record, Judge.Of(record));
            }
        }

        var judgement = Judge.Of(store.Read(id)!);
        return $"{judgement.Outcome}: {judgement.Reason}";
    }

    /// <summary>Goes ways back.</summary>
    /// <returns>Whether all are gone; null while the cluster does not answer.</returns>
    private async Task<bool?> GoBackAsync(DrillRecord drill, List<UndoRecord> left, Action<TimelineEvent> tell, CancellationToken cancellationToken)
    {
        var (cluster, id) = (drill.Header.Plan.Cluster, drill.Header.Id);
        left = [.. left.Where(u => !_refused.Contains((id, u.Id)))];
        if (left.Count > 0 && _silent.TryGetValue(cluster.Server, out var since) && clock.GetElapsedTime(since) < Pause)
        {
            return null;
        }

        try
        {
            // What is on this machine is to be gone whatever has become of the cluster.
            foreach (var undo in left.Where(LocalUndos.Knows))
            {
                await GoAsync((u, _) => Task.FromResult(LocalUndos.Go(u)), undo, tell, cancellationToken);
            }

            left.RemoveAll(LocalUndos.Knows);
            if (cluster.IsTwin)
            {
                // A twin lives and dies with its process, but for the etcd that it may have had.
                left.ForEach(u => store.FinishUndo(id, u.Id));
                LocalUndos.ClearDead();
            }
            else if (left.Count > 0)
            {
                await GoBackAsync(cluster, left, tell, cancellationToken);
            }

            return !_refused.Any(r => r.Drill == id);
        }
        catch (Exception e) when (e is ClusterException or KubeconfigException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            _silent[cluster.Server] = clock.GetTimestamp();
            log.Warn($"what drill {id} left on {cluster.Server} waits for the cluster: {e.Message}", ("drill", id));
            return null;
        }
    }

    private async Task GoBackAsync(ClusterIdentity cluster, List<UndoRecord> left, Action<TimelineEvent> tell, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await using var opened = OpenedCluster.Real(new ClusterChoice(options.Context ?? cluster.Name, options.Kubeconfig), clock);
        var reached = (await opened.Cluster.IdentifyAsync(either.Token)).Server;
        if (reached != cluster.Server)
        {
            throw new ClusterException($"context {options.Context ?? cluster.Name} leads to {reached} now, and the drill ran on {cluster.Server}");
        }

        foreach (var undo in left)
        {
            await GoAsync(opened.Cluster.UndoAsync, undo, tell, either.Token);
        }
    }

    private async Task GoAsync(Func<UndoRecord, CancellationToken, Task<string>> go, UndoRecord undo, Action<TimelineEvent> tell, CancellationToken cancellationToken)
    {
        try
        {
            var done = await go(undo, cancellationToken);
            store.FinishUndo(undo.DrillId, undo.Id);
            tell(new UndoFinished(undo.Id, true, done));
            log.Info($"put back: {done}", ("drill", undo.DrillId));
        }
        catch (UndoRefusedException e)
        {
            _refused.Add((undo.DrillId, undo.Id));
            tell(new UndoFinished(undo.Id, false, e.Message));
            log.Warn($"cannot be put back, a person is needed: {e.Message}", ("drill", undo.DrillId));
        }
    }

    private void WriteReport(DrillRecord record)
    {
        using var errors = new StringWriter();
        using var key = Sealing.Key(options.SignKey);
        if (Reporting.TryWrite(Places.Report(options.Reports, record.Header.Id), record, Judge.Of(record), options.Templates, store, key, errors) is null)
        {
            log.Warn(errors.ToString().ReplaceLineEndings(" "), ("drill", record.Header.Id));
        }
    }
}
