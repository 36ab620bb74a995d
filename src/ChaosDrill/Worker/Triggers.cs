using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;

namespace ChaosDrill.Worker;

/// <summary>Decides which drills start: those that a schedule is due for, that a person asks for, or that a dead worker had claimed. What is decided is on disk before it runs.</summary>
internal sealed class Triggers(WorkerOptions options, DrillStore store, ScenarioShelf shelf, DrillRunner runner, WorkerLog log, TimeProvider clock)
{
    /// <summary>Who asked, where nobody but the schedule did.</summary>
    private const string Schedule = "schedule";

    /// <summary>Called with each firing that started or was left out, and how late it was.</summary>
    public Action<Firing, TimeSpan> Fired { get; set; } = (_, _) => { };

    /// <summary>A schedule is due. Returns when it is decided, on disk, what becomes of it.</summary>
    /// <param name="name">The scenario.</param>
    /// <param name="at">The time by the schedule.</param>
    /// <param name="cancellationToken">The worker stops.</param>
    public async Task FireAsync(string name, DateTimeOffset at, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(runner.Stopping, cancellationToken);
        if (await FindAsync(name, at, either.Token) is not { Spec.Schedule: { } schedule } scenario)
        {
            log.Warn("a schedule is due whose scenario is not there; it is left out", ("scenario", name), ("scheduled", at.ToString("u")));
            return;
        }

        if (CronTimes.Closed(schedule, at) is { } closed)
        {
            log.Info($"left out: {closed}", ("scenario", name), ("scheduled", at.ToString("u")));
            return;
        }

        // What is decided is on disk, or it is not decided: with a full disk or a database away, this waits.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Decide(scenario, at);
                return;
            }
            catch (Exception e) when (e is JournalException or KubeconfigException)
            {
                if (attempt % DrillRunner.SaidEvery == 0)
                {
                    log.Warn($"a schedule is due and waits for the store: {e.Message}", ("scenario", name), ("scheduled", at.ToString("u")));
                }
            }

            await Task.Delay(DrillRunner.Pause, clock, either.Token);
        }
    }

    /// <summary>Starts a drill because a person asks for it.</summary>
    /// <returns>The firing, claimed and on disk; or left out, with the reason.</returns>
    /// <exception cref="CommandException">There is no such scenario, or the worker stops.</exception>
    /// <exception cref="JournalException">It could not be written down; nothing was started.</exception>
    public Firing Start(string name, string askedBy)
    {
        var scenario = shelf.Scenarios.GetValueOrDefault(name)
            ?? throw new CommandException(ExitCode.BadUsage, $"there is no scenario \"{name}\" in the worker's folders");
        if (runner.Stopping.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Refused, "the worker is stopping and starts no more drills");
        }

        var now = clock.GetUtcNow();
        var firing = Firing(scenario, FiringIds.Asked(options.WorkerSet, name, now), askedBy, now, now);
        return runner.Launch(store.Firings.Claim(firing, runner.Owner, now)!, scenario);
    }

    /// <summary>Goes on with a firing whose worker died before its drill began.</summary>
    public void Resume(Firing firing)
    {
        var now = clock.GetUtcNow();
        var scenario = shelf.Scenarios.GetValueOrDefault(firing.Scenario);
        if (scenario is null)
        {
            runner.Finish(firing, FiringState.Failed, "its worker died before the drill began, and its scenario is not there any more");
        }
        else if (firing.AskedBy == Schedule && now > firing.DueAt + Timetable.Tolerance && scenario.Spec.Schedule?.Missed != MissedRun.RunOnce)
        {
            runner.Finish(firing, FiringState.Skipped, "its worker died before the drill began, and its time has passed");
        }
        else
        {
            runner.Launch(firing, scenario);
        }
    }

    private void Decide(Scenario scenario, DateTimeOffset at)
    {
        var (name, schedule, now) = (scenario.Metadata.Name, scenario.Spec.Schedule!, clock.GetUtcNow());
        var id = FiringIds.Scheduled(options.WorkerSet, name, at);
        var firing = Firing(scenario, id, Schedule, at, at + FiringIds.Jitter(id, schedule.Jitter));
        if (store.Firings.Paused().FirstOrDefault(p => p.Scenario == name || p.Scenario == "*") is { } pause)
        {
            store.Firings.Skip(firing, $"paused by {pause.By}{(pause.Reason.Length > 0 ? ": " + pause.Reason : "")}", now);
            log.Info("left out: paused", ("scenario", name), ("firing", id), ("by", pause.By));
        }
        else if (schedule.Missed == MissedRun.Skip && now > at + Timetable.Tolerance + TimeSpan.FromMinutes(1))
        {
            // Quartz leaves out what it finds too late; this is what waited for the store.
            store.Firings.Skip(firing, "its time has passed", now);
            log.Info("left out: its time has passed", ("scenario", name), ("firing", id));
        }
        else if (store.Firings.Claim(firing, runner.Owner, now) is { } claimed)
        {
            Fired(claimed, now - at);
            runner.Launch(claimed, scenario);
        }
    }

    private Firing Firing(Scenario scenario, string id, string askedBy, DateTimeOffset scheduled, DateTimeOffset due)
    {
        var choice = ClusterChoice.Of(options.Context, null, scenario) with { Kubeconfig = options.Kubeconfig };
        return new Firing
        {
            Id = id,
            Scenario = scenario.Metadata.Name,
            WorkerSet = options.WorkerSet,
            AskedBy = askedBy,
            ScheduledAt = scheduled,
            DueAt = due,
            Cluster = choice.IsTwin ? null : choice.Configuration().Server.ToString(),
            Namespace = scenario.Spec.Cluster.Namespace,
            WholeCluster = scenario.Spec.Schedule?.Concurrency == Concurrency.Cluster,
        };
    }

    /// <summary>The scenario of a schedule that is due. Workers of one store may get a new file one after the other.</summary>
    private async Task<Scenario?> FindAsync(string name, DateTimeOffset at, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (shelf.Scenarios.TryGetValue(name, out var scenario) || clock.GetUtcNow() > at + Timetable.Tolerance)
            {
                return scenario;
            }

            await Task.Delay(DrillRunner.Pause, clock, cancellationToken);
        }
    }
}
