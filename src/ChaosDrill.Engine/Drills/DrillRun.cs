using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Sampling;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>One execution of a scenario against one cluster.</summary>
public sealed class DrillRun
{
    /// <summary>How long the way back may take, whatever became of the drill.</summary>
    private static readonly TimeSpan UndoLimit = TimeSpan.FromSeconds(30);

    /// <summary>Between two attempts to go the way back while the cluster does not answer.</summary>
    private static readonly TimeSpan UndoPause = TimeSpan.FromSeconds(1);

    /// <summary>How long the first look at workloads and the lock's first echo may take.</summary>
    private static readonly TimeSpan FirstLookLimit = TimeSpan.FromSeconds(30);

    private readonly Scenario _scenario;
    private readonly DrillHeader _header;
    private readonly ICluster _cluster;
    private readonly IJournal _journal;
    private readonly TimeProvider _clock;
    private readonly AbortSwitch _abort;
    private readonly LiveConditions _live = new();
    private readonly Action<TimelineEntry> _watcher;
    private DrillTimeline _timeline = null!;

    /// <summary>Prepares a drill.</summary>
    /// <param name="scenario">What to do.</param>
    /// <param name="header">Its plan and what is known before the start.</param>
    /// <param name="cluster">Where.</param>
    /// <param name="journal">Where it is written down while it happens.</param>
    /// <param name="clock">The clock that stamps everything.</param>
    /// <param name="abort">The stop button.</param>
    /// <param name="watcher">Called for each entry, for a live view; must not block.</param>
    public DrillRun(
        Scenario scenario, DrillHeader header, ICluster cluster, IJournal journal, TimeProvider clock, AbortSwitch abort, Action<TimelineEntry>? watcher = null)
    {
        (_scenario, _header, _cluster, _journal, _clock, _abort) = (scenario, header, cluster, journal, clock, abort);
        _watcher = watcher ?? (_ => { });
    }

    private string Namespace => _scenario.Spec.Cluster.Namespace;

    /// <summary>What holds at this moment, for a live view.</summary>
    public LiveConditions Live => _live;

    /// <summary>
    /// Runs the drill to its end: guards, steady state, steps, undo, steady state. Undo is done on success, failure and
    /// abort alike. The plan's refusals end it before anything is touched.
    /// </summary>
    /// <exception cref="JournalException">The journal cannot even be opened; nothing was touched.</exception>
    public async Task<(DrillRecord Record, Judgement Judgement)> RunAsync()
    {
        _timeline = new DrillTimeline(_clock, Write);
        _journal.Begin(_header);
        _timeline.Record(new StageEntered(DrillStage.Preflight));
        var end = _header.Plan.Refusals.Count > 0
            ? new DrillEnd(DrillEnding.Refused, _timeline.Now, _header.Plan.Refusals[0].Message, UndoComplete: true)
            : await RunLockedAsync();

        _timeline.Record(new StageEntered(DrillStage.Ended));
        end = end with { At = _timeline.Now };
        var record = new DrillRecord(_header, _timeline.Entries, end);
        var judgement = Judge.Of(record);
        try
        {
            _journal.End(_header.Id, end, judgement);
        }
        catch (JournalException e)
        {
            end = end with { Ending = DrillEnding.Broken, Reason = e.Message };
            record = record with { End = end };
            judgement = Judge.Of(record);
        }

        return (record, judgement);
    }

    private void Write(TimelineEntry entry)
    {
        try
        {
            _journal.Append(_header.Id, [entry]);
        }
        catch (JournalException e)
        {
            // What cannot be written down must not go on; the way back still can.
            _abort.Abort(e.Message);
        }

        _live.Apply(entry);
        _watcher(entry);
    }

    private async Task<DrillEnd> RunLockedAsync()
    {
        var theLock = _cluster.LockFor(Namespace, _header.Id);
        using var background = new CancellationTokenSource();
        var tasks = new List<Task>();
        try
        {
            _journal.RecordUndo(theLock.Undo);
            _timeline.Record(new UndoRecorded(theLock.Undo.Id, Step: -1, theLock.Undo.Description));
            if (await theLock.TryAcquireAsync(_abort.Token) is { } holder)
            {
                FinishUndo(theLock.Undo.Id);
                _timeline.Record(new UndoFinished(theLock.Undo.Id, true, "the lock was never taken"));
                return Ended(DrillEnding.Refused, $"another drill holds namespace {Namespace}: {holder}", undone: true);
            }

            var echoed = Signal.New();
            tasks.Add(StopsTheDrill(theLock.HoldAsync(
                delay =>
                {
                    _timeline.Record(new WatchDelayMeasured(delay));
                    echoed.TrySetResult();
                },
                background.Token)));
            tasks.Add(ClockWatch.RunAsync(_timeline, _clock, background.Token));
            var observer = _cluster.Observe(Namespace, Planner.Workloads(_scenario.Spec));
            tasks.Add(StopsTheDrill(observer.ObserveAsync(_timeline, background.Token)));
            await observer.Synced.WaitAsync(FirstLookLimit, _clock, _abort.Token);
            await echoed.Task.WaitAsync(FirstLookLimit, _clock, _abort.Token);
            foreach (var probe in _scenario.Spec.Probes)
            {
                tasks.Add(new ProbeSampler(probe.Name, _cluster.ProbeFor(probe, Namespace), probe.Every, probe.Timeout, _timeline, _clock)
                    .RunAsync(background.Token));
            }

            tasks.Add(new AbortGuards(_scenario.Spec.Guards, _timeline, _live, _abort, _clock).WatchAsync(background.Token));
            return await RunStagesAsync(theLock);
        }
        catch (OperationCanceledException) when (_abort.Reason is not null)
        {
            return await UndoneAsync(theLock, DrillEnding.Aborted, _abort.Reason);
        }
        catch (TimeoutException)
        {
            return await UndoneAsync(
                theLock, DrillEnding.Broken,
                $"the cluster showed no workload, or no echo of the lock, within {FirstLookLimit.TotalSeconds:0} s; nothing was touched");
        }
        catch (ClusterException e)
        {
            return await UndoneAsync(theLock, DrillEnding.Broken, e.Message);
        }
        catch (JournalException e)
        {
            return await UndoneAsync(theLock, DrillEnding.Broken, e.Message);
        }
        finally
        {
            background.Cancel();
            await Task.WhenAll(tasks);
        }
    }

    private async Task<DrillEnd> RunStagesAsync(IClusterLock theLock)
    {
        var steady = new SteadyState(_scenario.Spec.SteadyState, _timeline, _live, _clock);
        var steps = new StepRunner(_scenario, _header, _cluster, _timeline, _live, _clock);
        for (var iteration = 1; iteration <= _scenario.Spec.Repeat; iteration++)
        {
            _timeline.Record(new StageEntered(DrillStage.SteadyStateBefore));
            if (!await steady.HoldsAsync(DrillStage.SteadyStateBefore, iteration, _abort.Token))
            {
                break;
            }

            _timeline.Record(new StageEntered(DrillStage.Steps));
            if (!await steps.RunAsync(iteration, _abort.Token))
            {
                break;
            }
        }

        _timeline.Record(new StageEntered(DrillStage.SteadyStateAfter));
        await steady.HoldsAsync(DrillStage.SteadyStateAfter, 0, _abort.Token);
        return await UndoneAsync(theLock, DrillEnding.Completed, null);
    }

    /// <summary>A background task that fails takes the drill with it: blind, it must not go on.</summary>
    private async Task StopsTheDrill(Task task)
    {
        try
        {
            await task;
        }
        catch (ClusterException e)
        {
            _abort.Abort(e.Message);
        }
        catch (OperationCanceledException)
        {
            // The drill is over.
        }
    }

    private async Task<DrillEnd> UndoneAsync(IClusterLock theLock, DrillEnding ending, string? reason)
    {
        if (ending == DrillEnding.Aborted)
        {
            _timeline.Record(new AbortRequested(reason!));
        }

        _timeline.Record(new StageEntered(DrillStage.Undo));
        var begin = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                using var limit = new CancellationTokenSource(UndoLimit, _clock);
                var done = await _cluster.UndoAsync(theLock.Undo, limit.Token);
                _timeline.Record(new UndoFinished(theLock.Undo.Id, true, done));
                FinishUndo(theLock.Undo.Id);
                return Ended(ending, reason, undone: true);
            }
            catch (Exception e) when (e is ClusterException or OperationCanceledException)
            {
                if (_clock.GetElapsedTime(begin) >= UndoLimit)
                {
                    _timeline.Record(new UndoFinished(theLock.Undo.Id, false, $"{theLock.Undo.Description}: {e.Message}"));
                    return Ended(ending, reason, undone: false);
                }
            }

            await Task.Delay(UndoPause, _clock, CancellationToken.None);
        }
    }

    private void FinishUndo(string undoId)
    {
        try
        {
            _journal.FinishUndo(_header.Id, undoId);
        }
        catch (JournalException)
        {
            // The change is put back; an undo that stays on record is gone once more by the next start, without harm.
        }
    }

    private DrillEnd Ended(DrillEnding ending, string? reason, bool undone) => new(ending, _timeline.Now, reason, undone);
}
