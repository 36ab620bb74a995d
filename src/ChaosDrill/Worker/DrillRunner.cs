using System.Collections.Concurrent;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Store;
using ChaosDrill.Telemetry;

namespace ChaosDrill.Worker;

/// <summary>Runs the drills of claimed firings, each the way that <c>chaosdrill run</c> goes.</summary>
internal sealed class DrillRunner : IDisposable
{
    /// <summary>Between two attempts to write to a store that fails.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Of so many attempts one is said, so that a log does not fill what is full already.</summary>
    internal const int SaidEvery = 30;

    private readonly WorkerOptions _options;
    private readonly DrillStore _store;
    private readonly WorkerLog _log;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _room;
    private readonly List<Task> _traces = [];
    private readonly ConcurrentDictionary<string, RunningDrill> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Prepares to run drills.</summary>
    public DrillRunner(WorkerOptions options, string owner, DrillStore store, WorkerLog log, TimeProvider clock)
    {
        (_options, Owner, _store, _log, _clock) = (options, owner, store, log, clock);
        _room = new SemaphoreSlim(options.AtOnce);
    }

    /// <summary>This worker, as the store knows it.</summary>
    public string Owner { get; }

    /// <summary>Firings of this worker that are not over.</summary>
    public IReadOnlyCollection<RunningDrill> Running => [.. _running.Values];

    /// <summary>Whether nobody can have taken anything over from this worker just now, without asking the store. One that has its store alone never loses anything.</summary>
    public Func<bool> IsSurelyAlive { get; set; } = () => true;

    /// <summary>Called after the last word of each drill.</summary>
    public Action<DrillRecord, Judgement> Ended { get; set; } = (_, _) => { };

    /// <summary>Called when a drill begins, with no entry, and with each entry of its timeline; must not block.</summary>
    public Action<DrillHeader, TimelineEntry?> Told { get; set; } = (_, _) => { };

    /// <summary>Runs the drill of a firing that this worker has claimed, when its time has come and there is room; returns at once.</summary>
    /// <returns>The firing.</returns>
    public Firing Launch(Firing firing, Scenario scenario)
    {
        if (firing.State != FiringState.Claimed)
        {
            _log.Info($"left out: {firing.Reason}", ("scenario", firing.Scenario), ("firing", firing.Id));
            return firing;
        }

        var drill = new RunningDrill(firing, _log, Told);
        if (_running.TryAdd(firing.Id, drill))
        {
            // On the thread pool: a drill in virtual time keeps its thread to the end.
            drill.Done = Task.Run(() => RunAsync(drill, scenario));
        }

        return firing;
    }

    /// <summary>Ends a firing that has no drill; returns at once, and the store has it as soon as it works.</summary>
    public void Finish(Firing firing, FiringState state, string reason) => _ = FinishAsync(firing, state, reason);

    /// <summary>
    /// Makes sure that what runs here is still this worker's; what is not stops, and touches nothing any more. Also hears
    /// what other workers were told about it.
    /// </summary>
    /// <exception cref="JournalException">The store fails.</exception>
    public void Confirm()
    {
        var running = Running;
        if (running.Count > 0)
        {
            var mine = _store.Firings.Open().Where(f => f.Owner == Owner).Select(f => (f.Id, f.Fence)).ToHashSet();
            foreach (var lost in running.Where(r => !r.IsSettled && !mine.Contains((r.Firing.Id, r.Firing.Fence))))
            {
                lost.Lose();
            }

            foreach (var drill in running.Where(r => r.Header is not null && !r.IsLost))
            {
                foreach (var word in _store.Firings.Hear(drill.Header!.Id))
                {
                    drill.Hear(word);
                }
            }
        }
    }

    /// <summary>Tells of a drill that is over, whoever ran it; returns at once.</summary>
    public void Tell(DrillRecord record, Judgement judgement)
    {
        Ended(record, judgement);

        // Not here: a collector that does not answer must not keep the next drill of the dead waiting.
        if (Tracing.IsWanted)
        {
            var sending = Task.Run(() => Tracing.Tell(record, judgement, text => _log.Warn(text, ("drill", record.Header.Id))));
            lock (_traces)
            {
                _traces.RemoveAll(t => t.IsCompleted);
                _traces.Add(sending);
            }
        }
    }

    /// <summary>Traces that are being sent.</summary>
    public Task Traces
    {
        get
        {
            lock (_traces)
            {
                return Task.WhenAll(_traces);
            }
        }
    }

    /// <summary>Cancelled when no more are to start.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts no more; what waits for its time goes back to the store.</summary>
    public void Stop() => _stopping.Cancel();

    /// <summary>Stops every drill, which undoes it.</summary>
    public void AbortAll(string reason)
    {
        foreach (var drill in Running)
        {
            drill.Abort.Abort(reason);
        }
    }

    /// <summary>Waits for nothing any more, not even for a store that fails; the next start finds the rest.</summary>
    public void End() => _ending.Cancel();

    /// <inheritdoc />
    public void Dispose()
    {
        _room.Dispose();
        _stopping.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync(RunningDrill drill, Scenario scenario)
    {
        var firing = drill.Firing;
        var hasRoom = false;
        try
        {
            var wait = firing.DueAt - _clock.GetUtcNow();
            using (var starting = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, drill.Abort.Token))
            {
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, _clock, starting.Token);
                }

                await _room.WaitAsync(starting.Token);
            }

            hasRoom = true;
            await DrillAsync(drill, scenario);
        }
        catch (Exception e) when (e is ClaimLostException || drill.IsLost)
        {
            _log.Warn("another worker has taken it over; this one leaves it alone", ("firing", firing.Id), ("drill", drill.Header?.Id), ("reason", e.Message));
        }
        catch (OperationCanceledException) when (drill.Header is null && drill.Abort.Reason is { } reason && !_stopping.IsCancellationRequested)
        {
            Finish(firing, FiringState.Failed, $"stopped before anything was touched: {reason}");
        }
        catch (OperationCanceledException) when (drill.Header is null)
        {
            await InsistAsync("give back a firing", () => _store.Firings.Release(firing, _clock.GetUtcNow()));
            _log.Info("given back: the worker stops", ("firing", firing.Id));
        }
        catch (Exception e) when (e is CommandException or ClusterException or KubeconfigException or ScenarioException or JournalException)
        {
            await FinishAsync(firing, FiringState.Failed, e.Message);
        }
        catch (Exception e)
        {
            // A defect takes its own drill along and no other; what the drill left open is settled like that of a dead worker.
            _log.Warn($"a defect in ChaosDrill: {e}", ("firing", firing.Id), ("drill", drill.Header?.Id));
            if (drill.Header is null)
            {
                await FinishAsync(firing, FiringState.Failed, $"a defect in ChaosDrill: {e.GetType().Name}: {e.Message}");
            }
        }
        finally
        {
            if (hasRoom)
            {
                _room.Release();
            }

            await drill.DisposeAsync();
            _running.TryRemove(firing.Id, out _);
        }
    }

    private async Task DrillAsync(RunningDrill drill, Scenario scenario)
    {
        var (firing, reports) = (drill.Firing, _options.Reports ?? "reports");
        var choice = ClusterChoice.Of(_options.Context, null, scenario) with { Kubeconfig = _options.Kubeconfig };
        var (record, judgement) = await new DrillSession
        {
            Scenario = scenario,
            Choice = choice,
            Store = _store,
            Journal = _store.Of(firing),
            BeforeChange = () => Fence(drill),
            Person = drill,
            View = drill,
            Abort = drill.Abort,
            VirtualTime = _options.VirtualTime && choice.IsTwin && scenario.Spec.KeepsRealTime is null,
            Say = text => _log.Info(text, ("firing", firing.Id)),
        }.RunAsync();

        // A store that failed at the end gets the last word as soon as it works again.
        await InsistAsync($"the last word of drill {record.Header.Id}", () => _store.Complete(record, judgement, firing));
        drill.IsSettled = true;
        await FinishAsync(firing, FiringState.Ended, $"{judgement.Outcome}: {judgement.Reason}");
        _log.Info($"drill ends: {judgement.Outcome}", ("drill", record.Header.Id), ("scenario", record.Header.Scenario), ("reason", judgement.Reason), ("undoComplete", judgement.UndoComplete));
        using var errors = new StringWriter();
        using var key = Sealing.Key(_options.SignKey);
        if (Reporting.TryWrite(Places.Report(reports, record.Header.Id), record, judgement, _options.Templates, _store, key, errors) is null)
        {
            _log.Warn(errors.ToString().ReplaceLineEndings(" "), ("drill", record.Header.Id));
        }

        Tell(record, judgement);
    }

    private async Task FinishAsync(Firing firing, FiringState state, string reason)
    {
        if (state is FiringState.Failed or FiringState.Skipped)
        {
            _log.Warn($"no drill: {reason}", ("scenario", firing.Scenario), ("firing", firing.Id));
        }

        await InsistAsync($"firing {firing.Id}", () => _store.Firings.Finish(firing, state, reason, _clock.GetUtcNow()));
    }

    /// <summary>Called before a drill changes something in its cluster.</summary>
    /// <exception cref="ClaimLostException">The drill is another worker's.</exception>
    private void Fence(RunningDrill drill)
    {
        try
        {
            if (!drill.IsLost && (IsSurelyAlive() || _store.Firings.Holds(drill.Firing)))
            {
                return;
            }
        }
        catch (JournalException)
        {
            // Harm is done only after it was written down, which a store that fails does not let pass. Going back must stay possible.
            return;
        }

        drill.Lose();
        throw new ClaimLostException($"firing {drill.Firing.Id} is another worker's by now: it took this one for dead");
    }

    /// <summary>Writes until it is written, or the worker ends; then the next start writes it.</summary>
    private async Task InsistAsync(string what, Action write)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                write();
                return;
            }
            catch (JournalException e) when (e is not ClaimLostException)
            {
                if (attempt % SaidEvery == 0)
                {
                    _log.Warn($"{what} waits for the store: {e.Message}");
                }
            }

            try
            {
                await Task.Delay(Pause, _clock, _ending.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
