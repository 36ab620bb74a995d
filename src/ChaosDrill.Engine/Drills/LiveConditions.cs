using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>What holds at this moment, folded from the timeline as it grows. The final judgement does not rest on it.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class LiveConditions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<WorkloadReference, Condition> _conditions = [];
    private readonly HashSet<WorkloadReference> _blind = [];
    private readonly Dictionary<WorkloadReference, int> _desired = [];
    private readonly Dictionary<WorkloadReference, int> _floors = [];
    private readonly List<(TimeSpan At, AlertSeen Alert)> _fired = [];

    private sealed record Condition(bool Holds, TimeSpan Since, TimeSpan LastAsked, string Seen);

    /// <summary>Takes the next entry into account.</summary>
    public void Apply(TimelineEntry entry)
    {
        lock (_lock)
        {
            switch (entry.Event)
            {
                case FaultRequested fault:
                    foreach (var workload in _desired.Keys.Where(fault.Hits))
                    {
                        _floors.TryAdd(workload, _desired[workload]);
                    }

                    break;
                case WorkloadObserved seen:
                    _desired[seen.Workload] = seen.Desired ?? 0;
                    Set(seen.Workload, seen.HoldsAgainst(_floors.GetValueOrDefault(seen.Workload)), entry.At, seen.Desired is { } desired ? $"{seen.Ready} of {desired} ready" : "does not exist");
                    break;
                case ProbeSampled { Outcome: not SampleOutcome.Unknown } sample:
                    Set(
                        new WorkloadReference(WorkloadReference.ProbeKind, sample.Probe),
                        sample.Outcome == SampleOutcome.Success, sample.SentAt, sample.Detail ?? "succeeds");
                    break;
                case AlertSeen { State: AlertState.Firing } alert:
                    _fired.Add((entry.At, alert));
                    break;
                case ObservationInterrupted interrupted when WorkloadReference.TryParse(interrupted.What, out var unseen):
                    _blind.Add(unseen);
                    break;
                case ObservationGap gap when WorkloadReference.TryParse(gap.What, out var subject):
                    _blind.Remove(subject);
                    if (gap.Lost && _conditions.TryGetValue(subject, out var before) && before.Holds)
                    {
                        // Changes may have been lost: what holds now is only known to hold from here on.
                        _conditions[subject] = before with { Since = gap.To };
                    }

                    break;
            }
        }
    }

    /// <summary>Since when the subject has held without a break; null when it does not hold, cannot be seen at the moment, or nothing is known of it.</summary>
    public TimeSpan? HoldsSince(WorkloadReference subject)
    {
        lock (_lock)
        {
            return _conditions.TryGetValue(subject, out var condition) && condition.Holds && !_blind.Contains(subject) ? condition.Since : null;
        }
    }

    /// <summary>Since when the subject has been seen not to hold; null when it holds or nothing is known of it.</summary>
    public TimeSpan? FailsSince(WorkloadReference subject)
    {
        lock (_lock)
        {
            return _conditions.TryGetValue(subject, out var condition) && !condition.Holds ? condition.Since : null;
        }
    }

    /// <summary>What was last seen of the subject, in words; null when nothing is known of it.</summary>
    public string? LastSeen(WorkloadReference subject)
    {
        lock (_lock)
        {
            return _conditions.TryGetValue(subject, out var condition) ? condition.Seen : null;
        }
    }

    /// <summary>Whether an alert began to fire after an instant.</summary>
    public bool HasFired(TimeToDetectGoal goal, TimeSpan after)
    {
        lock (_lock)
        {
            return _fired.Exists(f => f.At > after && goal.Means(f.Alert.Alert, f.Alert.Labels));
        }
    }

    private void Set(WorkloadReference subject, bool holds, TimeSpan at, string seen)
    {
        if (!_conditions.TryGetValue(subject, out var before))
        {
            _conditions[subject] = new Condition(holds, at, at, seen);
            return;
        }

        // An answer that was overtaken by a later question says nothing about now, but a failure still breaks a stretch.
        if (at < before.LastAsked && (holds || !before.Holds || at < before.Since))
        {
            return;
        }

        var since = before.Holds == holds ? before.Since : at;
        _conditions[subject] = new Condition(holds, since, at > before.LastAsked ? at : before.LastAsked, seen);
    }
}
