using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>What must hold before the first fault and again at the end.</summary>
internal sealed class SteadyState(
    IReadOnlyList<SteadyStateCondition> conditions, DrillTimeline timeline, LiveConditions live, TimeProvider clock)
{
    /// <summary>Between one look and the next at a condition of which nothing has been seen yet.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Judges every condition and records what was found.</summary>
    /// <returns>Whether all of them held without a break for their time.</returns>
    public async Task<bool> HoldsAsync(DrillStage stage, int iteration, CancellationToken cancellationToken)
    {
        var begin = timeline.Now;
        var checks = new List<SteadyStateChecked>();
        foreach (var condition in conditions)
        {
            checks.Add(await JudgeAsync(condition, stage, iteration, begin, cancellationToken));
        }

        foreach (var check in checks)
        {
            timeline.Record(check);
        }

        return checks.All(c => c.Held == true);
    }

    private async Task<SteadyStateChecked> JudgeAsync(
        SteadyStateCondition condition, DrillStage stage, int iteration, TimeSpan begin, CancellationToken cancellationToken)
    {
        var subject = condition.Subject;
        while (true)
        {
            var change = timeline.NextChange;
            var now = timeline.Now;
            if (live.FailsSince(subject) is not null)
            {
                return new SteadyStateChecked(stage, iteration, subject.ToString(), false, live.LastSeen(subject) ?? "does not hold");
            }

            TimeSpan next;
            if (live.HoldsSince(subject) is { } since)
            {
                var from = since > begin ? since : begin;
                next = condition.For - (now - from);
                if (next <= TimeSpan.Zero)
                {
                    return new SteadyStateChecked(
                        stage, iteration, subject.ToString(), true, $"{live.LastSeen(subject)}, for {GoDuration.Format(condition.For)} without a break");
                }
            }
            else
            {
                next = begin + condition.For + Patience - now;
                if (next <= TimeSpan.Zero)
                {
                    return new SteadyStateChecked(stage, iteration, subject.ToString(), null, "nothing was observed of it");
                }
            }

            await Waiting.ForAsync(change, next, clock, cancellationToken);
        }
    }
}
