using ChaosDrill.Engine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Activities.Holds;

/// <summary>Asks a person and waits for the answer.</summary>
internal sealed class HoldActivity(IPerson person, TimeProvider clock, Hold options) : IActivity
{
    public IReadOnlyList<AccessNeed> Needs => [];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) =>
        Task.FromResult(new ActivityPlan($"ask a person, at most {GoDuration.Format(options.Timeout)}: {options.Question}", [], null, []));

    public async Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken)
    {
        report.Phase(PhaseNames.Held, $"{options.Question} (answer y or n and Enter, within {GoDuration.Format(options.Timeout)})");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = person.AskAsync(stop.Token);
        try
        {
            await Waiting.ForAsync(asking, options.Timeout, clock, cancellationToken);
            var answer = asking.IsCompletedSuccessfully ? await asking : (bool?)null;
            report.Check(options.Question, answer, answer switch { true => "a person said yes", false => "a person said no", null => $"nobody answered within {GoDuration.Format(options.Timeout)}" });
            return ActivityOutcome.Done;
        }
        finally
        {
            stop.Cancel();
        }
    }
}
