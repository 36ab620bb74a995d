using System.Security.Cryptography;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using ChaosDrill.Store;
using ChaosDrill.Views;
using ChaosDrill.Web;
using ChaosDrill.Worker.Notifications;

namespace ChaosDrill.Worker;

/// <summary>A worker from its start to its end.</summary>
internal sealed class WorkerProcess(WorkerOptions options, Terminal terminal)
{
    /// <summary>Between two looks at the folders, and at what the dead left.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    /// <summary>How much of the grace period is kept for undoing.</summary>
    private const double UndoShare = 0.5;

    private readonly TimeProvider _clock = SystemClock.Instance;
    private readonly WorkerLog _log = new(terminal.Out, SystemClock.Instance, options.Json);
    private readonly TaskCompletionSource<string> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _unready = "the worker starts";
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs until a signal ends it.</summary>
    /// <exception cref="CommandException">It cannot start.</exception>
    public async Task<ExitCode> RunAsync()
    {
        // A third signal, or a tenth, changes nothing: whoever wants no undo has SIGKILL.
        using var signals = new StopSignals(name => _stop.TrySetResult(name), () => _hurry.TrySetResult());
        foreach (var folder in options.Folders.Where(f => !Directory.Exists(f)))
        {
            throw new CommandException(ExitCode.BadUsage, $"--scenarios: there is no folder {folder}; name one that holds scenario files");
        }

        RequireContext();
        FileFaults.RequireWritable(options.Reports ?? "reports", "report folder", ExitCode.Refused);
        _ = Reporting.Check(options.Templates);
        Sealing.Key(options.SignKey)?.Dispose();
        var target = Places.Store(options.Store);
        if (options.WorkerSet != Firing.UsualSet && !StoreTarget.IsServer(target))
        {
            throw new CommandException(ExitCode.BadUsage, $"--set {options.WorkerSet}: one store file has one worker; sets are for a PostgreSQL that several share, named with --store");
        }

        using var theLock = StoreTarget.IsServer(target) ? null : WorkerLock.Take(target);
        using var store = OpenStore(target);

        // The same process, host and start may be seen in two containers.
        var me = LocalProcess.Current();
        var owner = $"{me.Host}-{me.Id}-{me.StartTicks}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}";
        _log.Info($"worker starts, ChaosDrill {Tool.Version}", ("worker", owner), ("store", store.Place));
        var shelf = new ScenarioShelf(options.Folders, store.Firings, _log, options.WorkerSet);
        using var runner = new DrillRunner(options, owner, store, _log, _clock);
        var triggers = new Triggers(options, store, shelf, runner, _log, _clock);
        await using var notifier = Notifier.Open(options.Webhooks, owner, _log, _clock);
        var overdue = new Overdue(_clock.GetUtcNow(), _log, notifier);
        var agreement = new Agreement(store.Firings, options.WorkerSet, owner, shelf, _log, _clock);
        var metrics = new WorkerMetrics(store, shelf, runner, notifier, overdue, agreement, _clock);
        triggers.Fired = (_, late) => metrics.Lateness.Add(late);
        runner.Told = notifier.Show;
        runner.Ended = (record, judgement) => notifier.Tell(Notification.Ended(record.Header, judgement));
        await using var server = await WorkerServer.StartAsync(
            options.Web, new Routes(options, store, shelf, triggers, runner, metrics, () => Unready(store), _clock), store, _clock);
        _log.Info("worker listens", ("url", server.Url));
        shelf.Look();
        _log.Info("scenarios are read", ("scenarios", shelf.Scenarios.Count), ("bad", shelf.Troubles.Count));

        // The lock of a file is this worker's alone: every other one of this store is dead.
        using var pulse = store.IsShared ? new Pulse(store.Firings, owner, options.WorkerSet, () => shelf.Digest, runner.Confirm, _clock) : null;
        runner.IsSurelyAlive = () => pulse?.IsFresh ?? true;
        var janitor = new Janitor(options, store, triggers, runner, pulse, _log, _clock);
        using var ending = new CancellationTokenSource();
        await TryAsync("clear up", () => janitor.LookAsync(ending.Token));
        await using (var timetable = store.IsShared
            ? await Timetable.OpenSharedAsync(StoreTarget.Connection(target), options.WorkerSet, owner, triggers.FireAsync, _clock)
            : await Timetable.OpenAsync(Path.ChangeExtension(target, null) + "-schedule.db", triggers.FireAsync, _clock))
        {
            await timetable.ApplyAsync(shelf.Scenarios.Values);
            await timetable.StartAsync();
            _unready = null;
            _log.Info(
                "worker is ready", ("scenarios", shelf.Scenarios.Count), ("scheduled", shelf.Scenarios.Values.Count(s => s.Spec.Schedule is not null)), ("bad", shelf.Troubles.Count));
            var watching = EachRoundAsync("look at the folders", () => shelf.Look() ? AppliedAsync(timetable, shelf) : Task.CompletedTask, ending.Token);
            var clearing = EachRoundAsync("clear up", () => janitor.LookAsync(ending.Token), ending.Token);
            var telling = EachRoundAsync(
                "look for what is to be told",
                () =>
                {
                    notifier.LookForStranded(store);
                    overdue.Look(shelf.Scenarios.Values, store, _clock.GetUtcNow());
                    if (pulse is not null)
                    {
                        agreement.Look(w => pulse.BeatsOfDead(w) is not null);
                    }

                    return Task.CompletedTask;
                },
                ending.Token);
            _log.Info($"worker stops: {await _stop.Task}; {runner.Running.Count} drills have {options.Grace.TotalSeconds:0} s to finish or to be undone");
            _unready = "the worker stops";
            runner.Stop();
            ending.Cancel();
            await Task.WhenAll(watching, clearing, telling);
        }

        return await FinishAsync(runner, store);
    }

    /// <summary>A context that is misspelt is to be heard of now, and not by night.</summary>
    private void RequireContext()
    {
        try
        {
            _ = options.Context is null ? null : new ClusterChoice(options.Context, options.Kubeconfig).Configuration();
        }
        catch (KubeconfigException e)
        {
            throw new CommandException(ExitCode.BadUsage, e.Message, e);
        }
    }

    /// <summary>Why this worker is of no use now; null when it is.</summary>
    private string? Unready(DrillStore store)
    {
        if (_unready is not null)
        {
            return _unready;
        }

        try
        {
            store.Firings.Probe(_clock.GetUtcNow());
            return null;
        }
        catch (JournalException e)
        {
            return e.Message;
        }
    }

    private async Task AppliedAsync(Timetable timetable, ScenarioShelf shelf)
    {
        await timetable.ApplyAsync(shelf.Scenarios.Values);
        _log.Info("scenarios changed", ("scenarios", shelf.Scenarios.Count), ("scheduled", shelf.Scenarios.Values.Count(s => s.Spec.Schedule is not null)), ("bad", shelf.Troubles.Count));
    }

    /// <summary>Lets drills finish for a part of the grace period, then stops them, which undoes them.</summary>
    private async Task<ExitCode> FinishAsync(DrillRunner runner, DrillStore store)
    {
        var begin = _clock.GetTimestamp();
        var all = Task.WhenAll(runner.Running.Select(r => r.Done));
        await Task.WhenAny(all, _hurry.Task, Task.Delay(options.Grace * (1 - UndoShare), _clock));
        if (!all.IsCompleted)
        {
            runner.AbortAll("the worker was stopped");
            if (_hurry.Task.IsCompleted)
            {
                // Undoing goes on; a store that fails is waited for no longer.
                runner.End();
            }

            var rest = options.Grace - _clock.GetElapsedTime(begin);
            await Task.WhenAny(all, Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, _clock));
        }

        runner.End();
        await runner.Traces;
        try
        {
            // What others run is theirs to put back.
            var own = runner.Running.Select(r => r.Header?.Id).ToHashSet();
            var left = store.OutstandingUndos().Where(u => u.Drill != DrillState.Running || own.Contains(u.Undo.DrillId)).ToList();
            foreach (var (undo, _) in left)
            {
                _log.Warn($"not undone: {undo.Description}; the next start of a worker on this store undoes it", ("drill", undo.DrillId));
            }

            _log.Info("worker has stopped", ("left", left.Count));
            return left.Count == 0 ? ExitCode.Pass : ExitCode.UndoIncomplete;
        }
        catch (JournalException e)
        {
            _log.Warn($"worker has stopped; what is left cannot be read: {e.Message}");
            return ExitCode.UndoIncomplete;
        }
    }

    private async Task EachRoundAsync(string what, Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Round, _clock, cancellationToken);
                await TryAsync(what, act);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The worker stops.
        }
    }

    /// <summary>What fails in one round is tried again in the next; the worker goes on.</summary>
    private async Task TryAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
        catch (Exception e)
        {
            _log.Warn($"cannot {what} now: {e.Message}");
        }
    }

    private static DrillStore OpenStore(string path)
    {
        try
        {
            return DrillStore.Open(path);
        }
        catch (JournalException e)
        {
            throw new CommandException(ExitCode.Refused, e.Message, e);
        }
    }
}
