using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Drills;

/// <summary>What is known of a drill before it starts.</summary>
public static class DrillHeaders
{
    /// <summary>The header of a drill of a scenario after a plan.</summary>
    /// <param name="scenario">What to do.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="id">Id of the drill.</param>
    /// <param name="startedAt">Wall-clock start.</param>
    /// <param name="toolVersion">ChaosDrill's version.</param>
    /// <param name="summaryOf">What a probe asks, in one line.</param>
    public static DrillHeader For(
        Scenario scenario, Plan plan, string id, DateTimeOffset startedAt, string toolVersion, Func<Probe, string> summaryOf)
    {
        var spec = scenario.Spec;
        return new DrillHeader
        {
            Id = id,
            Scenario = scenario.Metadata.Name,
            Description = spec.Description,
            Labels = scenario.Metadata.Labels,
            Source = scenario.Origin,
            StartedAt = startedAt,
            ToolVersion = toolVersion,
            Plan = plan,
            Probes =
            [
                .. spec.Probes.Select(p => new ProbeTimetable(p.Name, summaryOf(p), p.Every, p.Timeout)),
                .. spec.Prometheus is { } prometheus
                    ? [new ProbeTimetable(ProbeTimetable.Alerts, "which alerts are pending or firing", prometheus.AlertsEvery, prometheus.Timeout)]
                    : Array.Empty<ProbeTimetable>(),
            ],
            ExpectedAlerts = spec.Prometheus is null ? null : [.. spec.Prometheus.ExpectedAlerts.Concat(spec.Objectives.Select(o => o.Goal).OfType<TimeToDetectGoal>().Select(g => g.Alert)).Distinct()],
            Awaits =
            [
                .. spec.Steps.Select((step, index) => (step.Action, Index: index))
                    .Where(s => s.Action is AwaitRecovery)
                    .Select(s => (Await: (AwaitRecovery)s.Action, s.Index))
                    .Select(s => new RecoveryAwait(s.Index, s.Await.Of, s.Await.StableFor, s.Await.Timeout)),
            ],
            Objectives = [.. spec.Objectives.Select(o => o.Goal)],
            SteadyState = [.. spec.SteadyState.Select(s => s.Subject)],
        };
    }
}
