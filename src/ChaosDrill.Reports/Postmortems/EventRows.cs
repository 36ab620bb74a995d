using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>Turns a timeline of any length into a table that a person can read: what happened in runs becomes one line.</summary>
internal static class EventRows
{
    /// <summary>A longer table is not read from end to end: it is shown by its key lines, and whole below.</summary>
    internal const int Most = 400;

    /// <summary>Every line by instant.</summary>
    public static IReadOnlyList<EventRow> All(DrillFacts facts) => Lines(facts, ProbeRuns.Rows(facts, int.MaxValue), PodRuns.Rows(facts, isWhole: true));

    /// <summary>The lines that tell the story, by instant: what flaps is told in stretches, and there are never more than <see cref="Most"/>.</summary>
    public static IReadOnlyList<EventRow> Key(DrillFacts facts)
    {
        List<EventRow> key = [.. Lines(facts, ProbeRuns.Rows(facts), PodRuns.Rows(facts)).Where(r => r.IsKey)];

        // Hundreds of repetitions: their beginning and end say more than a thinned-out middle.
        return key.Count <= Most ? key : [.. key.Take(Most / 2), .. key.Skip(key.Count - (Most / 2))];
    }

    private static List<EventRow> Lines(DrillFacts facts, IEnumerable<EventRow> probes, IEnumerable<EventRow> pods)
    {
        List<EventRow> rows =
        [
            .. facts.Timeline.Select(e => Row(facts, e)).OfType<EventRow>(),
            .. probes,
            .. pods,
            .. WatchDelays(facts),
        ];
        return [.. rows.OrderBy(r => r.At)];
    }

    private static EventRow? Row(DrillFacts facts, TimelineEntry entry) => entry.Event switch
    {
        StageEntered e => Key(entry, EventKind.Stage, "Stage: " + Words.Of(e.Stage), ""),
        StepStarted e => Key(entry, EventKind.Stage, $"Step begins: {facts.StepName(e.Step)}", Repetition(facts, e.Iteration)),
        StepEnded e => Key(
            entry, Words.KindOf(e.Outcome), $"Step ends: {facts.StepName(e.Step)}, {Words.Of(e.Outcome)}", Plain.Line(e.Reason)),
        FaultRequested e => Key(entry, EventKind.Fault, $"Fault requested: {facts.StepName(e.Step)}", Words.Of(e.Target)),
        FaultAcknowledged e => Key(entry, EventKind.Fault, "Fault accepted by the cluster", Words.Of(e.Target)),
        FaultTookEffect e => Key(entry, EventKind.Fault, "Fault took effect", $"{Words.Of(e.Target)}: {Plain.Line(e.Evidence)}"),
        PhaseReached e => Key(entry, EventKind.Stage, $"{facts.StepName(e.Step)}: {(e.Subject is null ? "" : Plain.Line(e.Subject) + " ")}{Plain.Line(e.Phase)}", Plain.Line(e.Detail)),
        CheckMade e => Key(
            entry, e.Held switch { true => EventKind.Good, false => EventKind.Bad, null => EventKind.Unknown },
            $"Check {Words.Held(e.Held)}: {Plain.Line(e.Check)}", Plain.Line(e.Evidence)),
        FigureMeasured e => new EventRow(
            entry, null, EventKind.Plain, $"Measured: {(e.Value.Subject is { } subject ? Plain.Line(subject) + " " : "")}{Plain.Line(e.Name)}",
            Figures.Estimate(e.Unit, e.Value) + (e.Value.Remark is null ? "" : ", " + Plain.Line(e.Value.Remark)), IsKey: false),
        AlertSeen e => Key(
            entry, e.State == AlertState.Firing ? EventKind.Bad : EventKind.Plain, $"Alert {Words.Of(e.State)}: {Plain.Line(e.Alert)}",
            Plain.Line(string.Join(", ", e.Labels.Select(l => $"{l.Key}={l.Value}")))),
        ObjectiveMeasured e => new EventRow(
            entry, null, EventKind.Plain, $"Measured: {Plain.Line(facts.Header.Objectives.ElementAtOrDefault(e.Objective)?.Subject)}",
            Plain.Line(e.Evidence) + (e.Value.Remark is null ? "" : ", " + Plain.Line(e.Value.Remark)), IsKey: false),
        LedgerRead e => Key(
            entry, e.Present is null ? EventKind.Unknown : EventKind.Stage, e.Present is null ? "The ledger could not be read back" : "The ledger is read back",
            e.Present is null ? Plain.Line(e.Why) : $"entries that are there: {(e.Present.Count == 0 ? "none" : Plain.Line(string.Join(", ", e.Present)))}"),
        ObservationInterrupted e => Key(
            entry, EventKind.Unknown, $"Observation interrupted: {Plain.Line(e.What)}", $"last heard at {Figures.Since(e.From)}; {Plain.Line(e.Reason)}"),
        ObservationGap e => Key(
            entry, EventKind.Unknown, $"Nothing could be observed for {Figures.Seconds(e.To - e.From)}: {Plain.Line(e.What)}",
            $"from {Figures.Since(e.From)} to {Figures.Since(e.To)}; {(e.Lost ? "changes may be missing" : "changes came late")}; {Plain.Line(e.Reason)}"),
        SteadyStateChecked e => Key(
            entry, e.Held switch { true => EventKind.Good, false => EventKind.Bad, null => EventKind.Unknown },
            $"Steady state of {Plain.Line(e.Subject)} {Words.Held(e.Held)}", Plain.Line(e.Reason)),
        GuardTripped e => Key(entry, EventKind.Bad, $"Guard stopped the drill: {Plain.Line(e.Guard)}", Plain.Line(e.Reason)),
        AbortRequested e => Key(entry, EventKind.Bad, "Stop requested", "by " + Plain.Line(e.By)),
        UndoRecorded e => Key(entry, EventKind.Stage, "Way back written down", Plain.Line(e.Description)),
        UndoFinished e => Key(
            entry, e.Succeeded ? EventKind.Good : EventKind.Bad, e.Succeeded ? "Put back" : "NOT put back", Plain.Line(e.Detail)),
        ClusterEventSeen e => new EventRow(
            entry, null, EventKind.Plain, $"Cluster event {Plain.Line(e.Reason)}", $"{Plain.Line(e.Regarding)}: {Plain.Line(e.Message)}", IsKey: false),
        Note e => Key(entry, EventKind.Plain, "Note", Plain.Line(e.Text)),

        // These come in numbers and are told in runs.
        ProbeSampled or ProbeSlotMissed or LedgerWritten or PodObserved or WorkloadObserved or WatchDelayMeasured => null,
        _ => new EventRow(entry, null, EventKind.Plain, entry.Event.GetType().Name, "", IsKey: false),
    };

    private static EventRow Key(TimelineEntry entry, EventKind kind, string what, string detail) => new(entry, null, kind, what, detail, IsKey: true);

    private static string Repetition(DrillFacts facts, int iteration) =>
        facts.Header.Plan.Repeat > 1 ? $"repetition {iteration} of {facts.Header.Plan.Repeat}" : "";

    private static IEnumerable<EventRow> WatchDelays(DrillFacts facts)
    {
        var delays = facts.Of<WatchDelayMeasured>().ToList();
        if (delays.Count > 0)
        {
            var longest = delays.Max(d => d.Event.Delay);
            yield return new EventRow(
                delays[0].Entry, delays.Count > 1 ? delays[^1].Entry : null, EventKind.Plain,
                $"Watch delay measured {(delays.Count == 1 ? "once" : Figures.Count(delays.Count, "time"))}",
                $"longest {Figures.Seconds(longest)}", IsKey: false);
        }
    }
}
