using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>Carries out the steps of a scenario, one repetition at a time.</summary>
internal sealed class StepRunner(
    Scenario scenario, DrillHeader header, ICluster cluster, UndoLedger undos, DrillTimeline timeline, LiveConditions live, AbortSwitch abort, TimeProvider clock)
{
    /// <summary>Whether a step has begun that may have changed what later steps find.</summary>
    private bool _hasTouched;

    private string Namespace => scenario.Spec.Cluster.Namespace;

    /// <summary>Runs every step once.</summary>
    /// <returns>Whether going on makes sense: every step did what it should.</returns>
    public async Task<bool> RunAsync(int iteration, CancellationToken cancellationToken)
    {
        for (var index = 0; index < scenario.Spec.Steps.Count; index++)
        {
            timeline.Record(new StepStarted(index, iteration));
            StepEnded ended;
            try
            {
                ended = await RunStepAsync(index, iteration, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                timeline.Record(new StepEnded(index, iteration, StepOutcome.Aborted, null));
                throw;
            }
            catch (ClusterException e)
            {
                ended = new StepEnded(index, iteration, StepOutcome.Failed, e.Message);
            }

            timeline.Record(ended);
            if (ended.Outcome != StepOutcome.Done)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<StepEnded> RunStepAsync(int index, int iteration, CancellationToken cancellationToken)
    {
        var action = scenario.Spec.Steps[index].Action;
        switch (action)
        {
            case AwaitRecovery recovery:
                var missing = await AwaitAsync(recovery, cancellationToken);
                return missing is null
                    ? new StepEnded(index, iteration, StepOutcome.Done, null)
                    : new StepEnded(index, iteration, StepOutcome.TimedOut, missing);
            case Wait wait:
                await Task.Delay(wait.For, clock, cancellationToken);
                return new StepEnded(index, iteration, StepOutcome.Done, null);
            case Undo undo:
                var left = await undos.GoAsync(scenario.Spec.StepNamed(undo.Step));
                return left is null
                    ? new StepEnded(index, iteration, StepOutcome.Done, null)
                    : new StepEnded(index, iteration, StepOutcome.Failed, left);
            default:
                return cluster.FaultFor(action, Namespace) is { } fault ? await InjectAsync(fault, index, iteration, cancellationToken)
                    : cluster.ActivityFor(action, Namespace) is { } activity ? await DoAsync(activity, index, iteration, cancellationToken)
                    : throw new ClusterException($"step {index + 1}: this cluster knows no \"{action.Kind}\"");
        }
    }

    private async Task<StepEnded> DoAsync(IActivity activity, int index, int iteration, CancellationToken cancellationToken)
    {
        var plan = await activity.PlanAsync(Planner.RandomFor(header.Plan.Seed, iteration, index), cancellationToken);
        if (plan.Refusals.Count > 0)
        {
            return new StepEnded(index, iteration, StepOutcome.Failed, plan.Refusals[0].Message);
        }

        if (plan.Touches.Count > 0 || plan.Undo is not null)
        {
            await GuardAsync(index, iteration, plan.Targets, plan.Blast, cancellationToken);
        }

        var report = new ActivityReport(timeline, undos, index, iteration, activity.MaxDuration);
        var outcome = await activity.RunAsync(plan, report, cancellationToken);
        outcome = outcome.Outcome == StepOutcome.Done ? report.Found ?? outcome : outcome;
        return new StepEnded(index, iteration, outcome.Outcome, outcome.Reason);
    }

    private async Task<StepEnded> InjectAsync(IFault fault, int index, int iteration, CancellationToken cancellationToken)
    {
        var plan = await fault.PlanAsync(Planner.RandomFor(header.Plan.Seed, iteration, index), cancellationToken);
        if (plan.Refusals.Count > 0)
        {
            return new StepEnded(index, iteration, StepOutcome.Failed, plan.Refusals[0].Message);
        }

        await GuardAsync(index, iteration, plan.Targets, plan, cancellationToken);
        var report = new FaultReport(timeline, undos, index, iteration, fault.MaxDuration, clock);
        await fault.InjectAsync(plan, report, cancellationToken);
        var unproved = plan.Targets.Where(t => !report.Proved.Contains(t)).ToList();
        return unproved.Count == 0
            ? new StepEnded(index, iteration, report.Found?.Outcome ?? StepOutcome.Done, report.Found?.Reason)
            : new StepEnded(index, iteration, StepOutcome.NotProved, $"the effect was never seen on {string.Join(", ", unproved)}");
    }

    /// <summary>The plan was within the limits; what is there now, and when it is now, decide.</summary>
    private async Task GuardAsync(int index, int iteration, IReadOnlyList<Target> targets, FaultPlan blast, CancellationToken cancellationToken)
    {
        var name = scenario.Spec.Steps[index].Name ?? scenario.Spec.Steps[index].Action.Kind;
        GuardCheck[] guards =
        [
            .. Guards.OnDrill(scenario.Spec, header.Plan.Cluster, clock.GetUtcNow()), .. await Planner.CheckAsync(scenario.Spec, name, blast, cluster, cancellationToken),
        ];
        if (guards.FirstOrDefault(g => !g.Holds) is { } broken)
        {
            Trip(broken.Guard, broken.Message!, cancellationToken);
        }

        if (iteration == 1 && Changed(header.Plan, index, targets) is { } change)
        {
            var message = $"{name}: the targets are not those of the plan any more: {change}";
            if (header.ApprovedPlan is not null && !_hasTouched)
            {
                // It was not the drill itself that changed them.
                Trip("plan", message, cancellationToken);
            }

            timeline.Record(new Note(message));
        }

        _hasTouched = true;
    }

    private void Trip(string guard, string message, CancellationToken cancellationToken)
    {
        timeline.Record(new GuardTripped(guard, message));
        abort.Abort($"guard {guard}: {message}");
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>What differs from the targets that were planned; null when nothing does.</summary>
    private static string? Changed(Plan plan, int index, IReadOnlyList<Target> now)
    {
        var planned = plan.Steps.FirstOrDefault(s => s.Index == index)?.Targets ?? [];
        return planned.Select(t => t.Uid).SequenceEqual(now.Select(t => t.Uid))
            ? null
            : $"{string.Join(", ", now)} instead of {string.Join(", ", planned)}";
    }

    /// <summary>Waits until everything named has held for long enough.</summary>
    /// <returns>Null when it has; otherwise what was missing when the time was over.</returns>
    private async Task<string?> AwaitAsync(AwaitRecovery recovery, CancellationToken cancellationToken)
    {
        var begin = timeline.Now;
        while (true)
        {
            var change = timeline.NextChange;
            var now = timeline.Now;
            var left = begin + recovery.Timeout - now;
            var missing = recovery.Of.Where(of => live.HoldsSince(of) is null).ToList();
            TimeSpan next;
            if (missing.Count == 0)
            {
                // A workload was seen to break together with the effect; a probe may take a while to notice.
                var since = recovery.Of.Max(of => Later(live.HoldsSince(of)!.Value, of.IsProbe ? begin : TimeSpan.Zero));
                next = recovery.StableFor - (now - since);
                if (next <= TimeSpan.Zero)
                {
                    return null;
                }
            }
            else
            {
                next = left;
            }

            if (left <= TimeSpan.Zero)
            {
                return missing.Count == 0
                    ? $"not stable for {GoDuration.Format(recovery.StableFor)} within {GoDuration.Format(recovery.Timeout)}"
                    : $"{string.Join(", ", missing.Select(m => $"{m} ({live.LastSeen(m) ?? "not observed"})"))} not recovered within {GoDuration.Format(recovery.Timeout)}";
            }

            await Waiting.ForAsync(change, next < left ? next : left, clock, cancellationToken);
        }
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private sealed class FaultReport(DrillTimeline timeline, UndoLedger undos, int step, int iteration, TimeSpan? lasts, TimeProvider clock)
        : ActivityReport(timeline, undos, step, iteration, lasts), IFaultReport
    {
        private readonly Lock _lock = new();
        private readonly HashSet<Target> _proved = [];

        public HashSet<Target> Proved
        {
            get
            {
                lock (_lock)
                {
                    return [.. _proved];
                }
            }
        }

        public void Requested(params IReadOnlyList<Target> targets)
        {
            var now = clock.GetTimestamp();
            Timeline.Record([.. targets.Select(target => ((TimelineEvent)new FaultRequested(Step, Iteration, target), now))]);
        }

        public void Acknowledged(Target target) => Timeline.Record(new FaultAcknowledged(Step, Iteration, target));

        public void TookEffect(Target target, string evidence, long timestamp)
        {
            lock (_lock)
            {
                if (!_proved.Add(target))
                {
                    return;
                }
            }

            Timeline.Record(new FaultTookEffect(Step, Iteration, target, evidence), timestamp);
        }
    }
}
