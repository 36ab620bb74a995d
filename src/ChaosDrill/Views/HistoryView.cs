using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;

namespace ChaosDrill.Views;

/// <summary>Past drills as a table.</summary>
internal static class HistoryView
{
    /// <summary>One line for each drill.</summary>
    /// <param name="drills">The newest first.</param>
    /// <param name="zone">The zone that people here read times in.</param>
    public static IEnumerable<StyledLine> Of(IReadOnlyList<DrillSummary> drills, TimeZoneInfo zone)
    {
        if (drills.Count == 0)
        {
            yield return new StyledLine().Add("no drill matches");
            yield break;
        }

        var (id, cluster) = (drills.Max(d => d.Id.Length) + 2, Math.Max(9, drills.Max(d => d.Cluster.Length) + 2));
        yield return Row(new StyledLine().AddColumn("DRILL", id, Tone.Faint), "STARTED", "TOOK", "CLUSTER", cluster).AddColumn("OUTCOME", 14, Tone.Faint).Add("WHY", Tone.Faint);
        foreach (var drill in drills)
        {
            var (word, tone) = Word(drill);
            yield return Row(
                    new StyledLine().AddColumn(drill.Id, id),
                    TimeZoneInfo.ConvertTime(drill.StartedAt, zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    drill.Duration is { } took ? Clocks.Running(took) : "-", drill.Cluster, cluster)
                .AddColumn(word, 14, tone).Add(drill.UndoComplete ? "" : "NOT UNDONE  ", Tone.Bad).Add(drill.Reason ?? "", Tone.Faint);
        }
    }

    /// <summary>The drills as comma-separated values.</summary>
    public static string Table(IEnumerable<DrillSummary> drills) => Csv.Of(
        ["drill", "scenario", "cluster", "started_at", "duration_seconds", "state", "outcome", "reason", "undo_complete"],
        drills.Select(d => (IEnumerable<object?>)
        [
            d.Id, d.Scenario, d.Cluster, d.StartedAt, d.Duration?.TotalSeconds, d.State.ToString().ToLowerInvariant(),
            d.Outcome?.ToString().ToLowerInvariant(), d.Reason, d.UndoComplete,
        ]));

    /// <summary>How a drill ended, or that it has not.</summary>
    public static (string Word, Tone Tone) Word(DrillSummary drill) => drill switch
    {
        { State: DrillState.Running } => ("running", Tone.Plain),
        { State: DrillState.Crashed } => ("crashed", Tone.Bad),
        { Outcome: null } => ("unknown", Tone.Warning),
        { Outcome: DrillOutcome.Pass } => ("pass", Tone.Good),
        { Outcome: DrillOutcome.Fail } => ("fail", Tone.Bad),
        { Outcome: { } outcome } => (outcome.ToString().ToLowerInvariant(), Tone.Warning),
    };

    private static StyledLine Row(StyledLine line, string started, string took, string cluster, int clusterWidth) =>
        line.AddColumn(started, 21).AddColumn(took, 10).AddColumn(cluster, clusterWidth);
}
