using ChaosDrill.Hosting;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;
using ChaosDrill.Worker;
using ChaosDrill.Worker.Notifications;

namespace ChaosDrill.Web;

/// <summary>What Prometheus may know of a worker. What lasts comes from the store, so that a restart loses nothing.</summary>
internal sealed class WorkerMetrics(DrillStore store, ScenarioShelf shelf, DrillRunner runner, Notifier notifier, Overdue overdue, Agreement agreement, TimeProvider clock)
{
    /// <summary>How late schedules fired since the worker's start.</summary>
    public Lateness Lateness { get; } = new();

    /// <summary>All metrics, as text.</summary>
    public string Text()
    {
        var text = new MetricsText();
        text.Metric("chaosdrill_build_info", "gauge", "Which ChaosDrill this is; always 1.").Sample("chaosdrill_build_info", 1, ("version", Tool.Version));
        text.Metric("chaosdrill_scenarios", "gauge", "Good scenarios in the worker's folders.").Sample("chaosdrill_scenarios", shelf.Scenarios.Count);
        text.Metric("chaosdrill_scenario_files_bad", "gauge", "Files and folders of scenarios that cannot be used as they are.").Sample("chaosdrill_scenario_files_bad", shelf.Troubles.Count);
        text.Metric("chaosdrill_drills_running", "gauge", "Drills of this worker that are not over, those that wait included.").Sample("chaosdrill_drills_running", runner.Running.Count);
        text.Metric("chaosdrill_schedules_paused", "gauge", "Schedules that somebody has paused; all of them count as one.").Sample("chaosdrill_schedules_paused", store.Firings.Paused().Count);
        text.Metric("chaosdrill_undo_outstanding", "gauge", "Changes of drills, running or over, that are not put back yet.").Sample("chaosdrill_undo_outstanding", store.OutstandingUndos().Count);
        text.Metric("chaosdrill_undo_stranded", "gauge", "Changes of drills that are over and that are not put back yet.")
            .Sample("chaosdrill_undo_stranded", store.OutstandingUndos().Count(u => u.Drill is DrillState.Ended or DrillState.Crashed));
        Lateness.Write(text, "chaosdrill_schedule_lateness_seconds", "From the time by the schedule until the firing was claimed.");
        notifier.Write(text);
        overdue.Write(text);
        text.Metric("chaosdrill_workers_disagreeing", "gauge", "Living workers of this one's set that have had other scenarios for minutes.").Sample("chaosdrill_workers_disagreeing", agreement.Disagreeing.Count);
        Drills(text);
        Objectives(text);
        return text.ToString();
    }

    private void Drills(MetricsText text)
    {
        var tally = store.Tally();
        text.Metric("chaosdrill_drills_total", "counter", "Drills that are over, by the one word they ended in.");
        foreach (var line in tally)
        {
            text.Sample("chaosdrill_drills_total", line.Count, ("scenario", line.Scenario), ("outcome", line.Outcome.ToString().ToLowerInvariant()));
        }

        text.Metric("chaosdrill_firings_total", "counter", "Times at which a drill was to start and that are settled, by what became of them.");
        foreach (var (state, count) in store.Firings.Tally().Where(t => t.State is FiringState.Ended or FiringState.Skipped or FiringState.Failed))
        {
            text.Sample("chaosdrill_firings_total", count, ("state", state.ToString().ToLowerInvariant()));
        }

        text.Metric("chaosdrill_last_pass_timestamp_seconds", "gauge", "When the newest drill that passed began.");
        foreach (var passed in tally.Where(t => t.Outcome == DrillOutcome.Pass))
        {
            text.Sample("chaosdrill_last_pass_timestamp_seconds", passed.Newest.ToUnixTimeMilliseconds() / 1000.0, ("scenario", passed.Scenario));
        }

        text.Metric("chaosdrill_restore_verification_age_seconds", "gauge", "Age of the newest drill that passed, of scenarios that judge a restore.");
        var restores = shelf.Scenarios.Values.Where(s => s.Spec.Objectives.Any(o => o.Goal is RestoreTimeGoal or DataLossGoal)).Select(s => s.Metadata.Name).ToHashSet();
        foreach (var passed in tally.Where(t => t.Outcome == DrillOutcome.Pass && restores.Contains(t.Scenario)))
        {
            text.Sample("chaosdrill_restore_verification_age_seconds", (clock.GetUtcNow() - passed.Newest).TotalSeconds, ("scenario", passed.Scenario));
        }
    }

    private void Objectives(MetricsText text)
    {
        var newest = store.NewestJudgements();
        foreach (var (unit, name, help) in (ReadOnlySpan<(MeasureUnit, string, string)>)
        [
            (MeasureUnit.Seconds, "chaosdrill_objective_seconds", "What the newest drill measured for an objective in seconds, such as recovery time and data loss; the worst of its repetitions."),
            (MeasureUnit.Share, "chaosdrill_objective_ratio", "What the newest drill measured for an objective that is a share; the worst of its repetitions."),
            (MeasureUnit.Number, "chaosdrill_objective_value", "What the newest drill measured for an objective that is a query."),
        ])
        {
            text.Metric(name, "gauge", help);
            foreach (var (scenario, judgement) in newest)
            {
                foreach (var objective in Distinct(judgement).Where(o => o.Measure.Unit == unit && o.Measure.Values.Count > 0 && o.Measure.Values.All(v => v.Value is not null)))
                {
                    var values = objective.Measure.Values.Select(v => v.Value!.Value);
                    text.Sample(name, GoalLimit.Of(objective.Goal)?.Worst(values) ?? values.Max(), Labels(scenario, objective));
                }
            }
        }

        text.Metric("chaosdrill_objective_met", "gauge", "Whether the newest drill met an objective: 1 pass, 0 fail, -1 inconclusive.");
        foreach (var (scenario, judgement) in newest)
        {
            foreach (var objective in Distinct(judgement))
            {
                text.Sample(
                    "chaosdrill_objective_met", objective.Verdict switch { Verdict.Pass => 1, Verdict.Fail => 0, _ => -1 }, Labels(scenario, objective));
            }
        }
    }

    // Two samples of one name and the same labels would make Prometheus drop the whole scrape.
    private static IEnumerable<ObjectiveResult> Distinct(Judgement judgement) =>
        judgement.Objectives.DistinctBy(o => (o.Goal.Metric, o.Goal.Subject, o.Goal.Limit));

    private static (string, string)[] Labels(string scenario, ObjectiveResult objective) =>
        [("scenario", scenario), ("objective", objective.Goal.Metric), ("of", objective.Goal.Subject), ("limit", objective.Goal.Limit)];
}
