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
    /// <summary>How long the first look at workloads and the lock's first echo may take.</summary>
    private static readonly TimeSpan FirstLookLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long workloads may take to come back after the last undo before the steady state is judged.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(2);

    private readonly Scenario _scenario;
    private readonly DrillHeader _header;
    private readonly ICluster _cluster;
    private readonly IJournal _journal;
    private readonly TimeProvider _clock;
    private readonly AbortSwitch _abort;
    private readonly LiveConditions _live = new();
    private readonly Action<TimelineEntry> _watcher;
    private DrillTimeline _timeline = null!;
    private UndoLedger _undos = null!;

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
        _undos = new UndoLedger(_header.Id, _scenario.Spec.Guards.MaxDuration, _cluster, _journal, _timeline, _clock);
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

    private void Write(IReadOnlyList<TimelineEntry> entries)
    {
        try
        {
            _journal.Append(_header.Id, entries);
        }
        catch (JournalException e)
        {
            // What cannot be written down must not go on; the way back still can, unless it is somebody else's by now.
            if (e is ClaimLostException)
            {
                _undos.Abandon(e.Message);
            }

            _abort.Abort(e.Message);
        }

        foreach (var entry in entries)
        {
            _live.Apply(entry);
            _watcher(entry);
        }
    }

    private async Task<DrillEnd> RunLockedAsync()
    {
        using var background = new CancellationTokenSource();
        var tasks = new List<Task>();
        try
        {
            var locks = _cluster.LocksFor(_scenario, _header.Id);
            foreach (var one in locks)
            {
                _undos.Record(one.Undo, UndoLedger.Lock, lasts: null);
                if (await one.TryAcquireAsync(_abort.Token) is { } holder)
                {
                    _undos.Forget(one.Undo, "the lock was never taken");
                    return Ended(DrillEnding.Refused, $"another drill holds {one.Place}: {holder}", await _undos.GoAllAsync());
                }
            }

            var echoed = Signal.New();
            tasks.AddRange(locks.Select(one => StopsTheDrill(one.HoldAsync(
                delay =>
                {
                    _timeline.Record(new WatchDelayMeasured(delay));
                    echoed.TrySetResult();
                },
                background.Token))));
            tasks.Add(ClockWatch.RunAsync(_timeline, _clock, background.Token));
            var observer = _cluster.Observe(Namespace, Planner.Workloads(_scenario.Spec));
            tasks.Add(StopsTheDrill(observer.ObserveAsync(_timeline, background.Token)));
            await observer.Synced.WaitAsync(FirstLookLimit, _clock, _abort.Token);
            await echoed.Task.WaitAsync(FirstLookLimit, _clock, _abort.Token);
            foreach (var probe in _scenario.Spec.Probes)
            {
                tasks.Add(new ProbeSampler(probe.Name, _cluster.ProbeFor(probe, _scenario), probe.Every, probe.Timeout, _timeline, _clock)
                    .RunAsync(background.Token));
            }

            if (_cluster.MonitoringFor(_scenario) is { } monitoring)
            {
                var prometheus = _scenario.Spec.Prometheus!;
                tasks.Add(new ProbeSampler(ProbeTimetable.Alerts, monitoring.AlertsFor(_timeline), prometheus.AlertsEvery, prometheus.Timeout, _timeline, _clock)
                    .RunAsync(background.Token));
            }

            tasks.Add(new AbortGuards(_scenario.Spec.Guards, _timeline, _live, _abort, _clock).WatchAsync(background.Token));
            tasks.Add(_undos.WatchAsync(background.Token));
            return await RunStagesAsync();
        }
        catch (OperationCanceledException) when (_abort.Reason is not null)
        {
            return await UndoneAsync(DrillEnding.Aborted, _abort.Reason);
        }
        catch (TimeoutException)
        {
            return await UndoneAsync(
                DrillEnding.Broken,
                $"the cluster showed no workload, or no echo of the lock, within {FirstLookLimit.TotalSeconds:0} s; nothing was touched");
        }
        catch (ClusterException e)
        {
            return await UndoneAsync(DrillEnding.Broken, e.Message);
        }
        catch (JournalException e)
        {
            return await UndoneAsync(DrillEnding.Broken, e.Message);
        }
        finally
        {
            background.Cancel();
            await Task.WhenAll(tasks);
        }
    }

    private async Task<DrillEnd> RunStagesAsync()
    {
        var steady = new SteadyState(_scenario.Spec.SteadyState, _timeline, _live, _clock);
        var steps = new StepRunner(_scenario, _header, _cluster, _undos, _timeline, _live, _abort, _clock);
        for (var iteration = 1; iteration <= _scenario.Spec.Repeat; iteration++)
        {
            _timeline.Record(new StageEntered(DrillStage.SteadyStateBefore));
            if (!await steady.HoldsAsync(DrillStage.SteadyStateBefore, iteration, _abort.Token))
            {
                break;
            }

            _timeline.Record(new StageEntered(DrillStage.Steps));
            if (!await RunStepsAsync(steps, iteration))
            {
                break;
            }
        }

        _timeline.Record(new StageEntered(DrillStage.SteadyStateAfter));
        await steady.HoldsAsync(DrillStage.SteadyStateAfter, 0, _abort.Token);
        await MeasureAsync(_abort.Token);
        return await UndoneAsync(DrillEnding.Completed, null);
    }

    /// <summary>Waits for the alerts that objectives name, each until it fires or is too late for sure.</summary>
    private async Task AwaitAlertsAsync(int iteration, CancellationToken cancellationToken)
    {
        if (_timeline.Entries.FirstOrDefault(e => e.Event is FaultTookEffect effect && effect.Iteration == iteration)?.At is not { } effect)
        {
            return;
        }

        foreach (var goal in _header.Objectives.OfType<TimeToDetectGoal>())
        {
            // A miss is seen by a look that was sent after the limit, and one may be under way.
            var end = effect + goal.AtMost + (_scenario.Spec.Prometheus!.AlertsEvery * 2) + TimeSpan.FromSeconds(1);
            if (!HasFired(goal) && _timeline.Now < end)
            {
                _timeline.Record(new Note($"waits for {goal.Subject} to fire"));
            }

            for (var change = _timeline.NextChange; !HasFired(goal) && _timeline.Now < end; change = _timeline.NextChange)
            {
                await Waiting.ForAsync(change, end - _timeline.Now, _clock, cancellationToken);
            }
        }

        bool HasFired(TimeToDetectGoal goal) => _live.HasFired(goal, effect);
    }

    /// <summary>Asks for what objectives want to know of the scenario's Prometheus.</summary>
    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        if (_cluster.MonitoringFor(_scenario) is not { } monitoring || _timeline.Entries.FirstOrDefault(e => e.Event is FaultTookEffect)?.At is not { } effect)
        {
            return;
        }

        for (var i = 0; i < _header.Objectives.Count; i++)
        {
            if (_header.Objectives[i] is { AsksPrometheus: true } and not TimeToDetectGoal)
            {
                var (value, evidence) = await monitoring.MeasureAsync(_header.Objectives[i], _timeline.Now - effect, cancellationToken);
                _timeline.Record(new ObjectiveMeasured(i, value, evidence));
            }
        }
    }

    /// <summary>Runs the steps once and puts back what they changed, while the ledger writes.</summary>
    /// <returns>Whether going on makes sense.</returns>
    private async Task<bool> RunStepsAsync(StepRunner steps, int iteration)
    {
        await using var ledger = _scenario.Spec.Ledger is { } spec
            ? new LedgerRun(_cluster.LedgerFor(spec, Namespace), spec, iteration, _undos, _timeline, _clock)
            : null;
        await (ledger?.BeginAsync(_abort.Token) ?? Task.CompletedTask);
        var done = await steps.RunAsync(iteration, _abort.Token);
        if (done)
        {
            await AwaitAlertsAsync(iteration, _abort.Token);
        }

        // What a step changed does not outlast its repetition: the next one, and the steady state, are to see the cluster as it was.
        if (_undos.HasFaults)
        {
            _timeline.Record(new StageEntered(DrillStage.Undo));
            await _undos.GoFaultsAsync();
            await SettleAsync();
        }

        await (ledger?.EndAsync(_abort.Token) ?? Task.CompletedTask);
        return done;
    }

    /// <summary>A background task that fails takes the drill with it: blind, it must not go on.</summary>
    private async Task StopsTheDrill(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is ClusterException or JournalException)
        {
            _abort.Abort(e.Message);
        }
        catch (OperationCanceledException)
        {
            // The drill is over.
        }
    }

    /// <summary>Waits a while for the workloads to come back from what was put back just now.</summary>
    private async Task SettleAsync()
    {
        var begin = _timeline.Now;
        while (_timeline.Now - begin < SettleLimit)
        {
            var change = _timeline.NextChange;
            if (_scenario.Spec.SteadyState.All(s => _live.HoldsSince(s.Subject) is not null))
            {
                return;
            }

            await Waiting.ForAsync(change, begin + SettleLimit - _timeline.Now, _clock, _abort.Token);
        }
    }

    private async Task<DrillEnd> UndoneAsync(DrillEnding ending, string? reason)
    {
        if (ending == DrillEnding.Aborted)
        {
            _timeline.Record(new AbortRequested(reason!));
        }

        _timeline.Record(new StageEntered(DrillStage.Undo));
        return Ended(ending, reason, await _undos.GoAllAsync());
    }

    private DrillEnd Ended(DrillEnding ending, string? reason, bool undone) => new(ending, _timeline.Now, reason, undone);
}
