using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Measures;

/// <summary>The time from the start of a restore to one of its phases, on the drill's clock.</summary>
internal static class RestoreTime
{
    /// <summary>One value for each restore that was started and that the objective names.</summary>
    public static IEnumerable<MeasuredValue> Of(DrillHeader header, IReadOnlyList<TimelineEntry> timeline, RestoreTimeGoal goal)
    {
        foreach (var start in timeline)
        {
            if (start.Event is not PhaseReached { Phase: PhaseNames.RestoreStarted } begun
                || (goal.Step is { } name && header.Plan.Steps.FirstOrDefault(s => s.Index == begun.Step)?.Name != name))
            {
                continue;
            }

            var end = timeline.FirstOrDefault(e => e.At >= start.At && e.Event is PhaseReached reached
                && (reached.Step, reached.Iteration, reached.Subject, reached.Phase) == (begun.Step, begun.Iteration, begun.Subject, goal.Until));
            var took = (end?.At - start.At)?.TotalSeconds;
            var value = took is { } seconds
                ? new MeasuredValue(begun.Iteration, seconds, seconds, seconds, null)
                : MeasuredValue.Unknown(begun.Iteration, $"the restore was never seen to be {goal.Until}");
            yield return value with { Subject = begun.Subject };
        }
    }
}
