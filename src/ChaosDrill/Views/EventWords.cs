using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Views;

/// <summary>One line about something that happened.</summary>
/// <param name="At">When, on the drill's clock.</param>
/// <param name="Text">What, in words.</param>
/// <param name="Tone">Whether it is good or bad.</param>
internal sealed record EventLine(TimeSpan At, string Text, Tone Tone);

/// <summary>Puts the events of a running drill in words; what is not worth a line gets none.</summary>
/// <remarks>It remembers what it has told, so that a probe is mentioned when it changes and not ten times a second.</remarks>
internal sealed class EventWords(DrillHeader header)
{
    /// <summary>Events of Kubernetes that say, later and less exactly, what the pods' own milestones say.</summary>
    private static readonly string[] Routine = ["SuccessfulCreate", "Scheduled", "Pulling", "Pulled", "Created", "Started"];

    private readonly Dictionary<string, ProbeTelling> _probes = [];
    private readonly HashSet<string> _clusterEvents = [];
    private bool _faulted;

    private sealed class ProbeTelling
    {
        public SampleOutcome? Told { get; set; }

        public TimeSpan Since { get; set; }

        public int Failures { get; set; }

        public bool MissedTold { get; set; }
    }

    /// <summary>The line for an entry; null when it is not worth one.</summary>
    public EventLine? Tell(TimelineEntry entry) =>
        Words(entry) is var (text, tone) ? new EventLine(entry.At, StyledLine.Printable(text), tone) : null;

    private (string Text, Tone Tone)? Words(TimelineEntry entry)
    {
        switch (entry.Event)
        {
            case StageEntered stage:
                return Stage(stage.Stage) is { } told ? (told, Tone.Strong) : null;
            case StepStarted step:
                return ($"step {step.Step + 1} of {header.Plan.Steps.Count}{Run(step.Iteration)}: {StepName(step.Step)}", Tone.Strong);
            case StepEnded { Outcome: StepOutcome.Done } step:
                return ($"step {step.Step + 1} done", Tone.Good);
            case StepEnded step:
                return ($"step {step.Step + 1} {Outcome(step.Outcome)}{(step.Reason is null ? "" : ": " + step.Reason)}", Tone.Bad);
            case FaultRequested fault:
                _faulted = true;
                return ($"{StepKind(fault.Step)} of {fault.Target} requested", Tone.Warning);
            case FaultTookEffect fault:
                return ($"fault took effect on {fault.Target}: {fault.Evidence}", Tone.Warning);
            case PhaseReached phase:
                return ($"{StepKind(phase.Step)} {(phase.Subject is null ? "" : phase.Subject + " ")}{phase.Phase}{(phase.Detail is null ? "" : ": " + phase.Detail)}", Tone.Plain);
            case CheckMade check:
                return check.Held switch
                {
                    true => ($"holds: {check.Check}: {check.Evidence}", Tone.Good),
                    false => ($"does not hold: {check.Check}: {check.Evidence}", Tone.Bad),
                    null => ($"not known: {check.Check}: {check.Evidence}", Tone.Warning),
                };
            case FigureMeasured figure:
                return ($"{(figure.Value.Subject is { } subject ? subject + " " : "")}{figure.Name} {Figures.Estimate(figure.Unit, figure.Value)}{(figure.Value.Remark is null ? "" : ": " + figure.Value.Remark)}", Tone.Plain);
            case AlertSeen alert:
                return ($"alert {alert.Alert}{(alert.Labels.Count == 0 ? "" : $" ({string.Join(", ", alert.Labels.Select(l => $"{l.Key}={l.Value}"))})")} {(alert.State switch { AlertState.Firing => "fires", AlertState.Pending => "is pending", _ => "is over" })}", alert.State == AlertState.Firing ? Tone.Warning : Tone.Plain);
            case ObjectiveMeasured measured:
                return ($"measured for {header.Objectives[measured.Objective].Metric}: {measured.Evidence}{(measured.Value.Remark is null ? "" : ": " + measured.Value.Remark)}", Tone.Plain);
            case LedgerRead read:
                return read.Present is null
                    ? ($"the ledger cannot be read back: {read.Why}", Tone.Bad)
                    : ($"the ledger is read back: {Figures.Count(read.Present.Sum(r => r.To - r.From + 1))} entries are there", Tone.Plain);
            case WorkloadObserved workload:
                return workload.Desired is { } desired
                    ? ($"{workload.Workload} {workload.Ready}/{desired} ready", workload.Holds ? Tone.Good : Tone.Bad)
                    : ($"{workload.Workload} does not exist", Tone.Bad);
            case PodObserved pod when _faulted && Milestone(pod) is { } reached:
                return reached;
            case ProbeSampled sample:
                return Sample(sample, entry.At);
            case ProbeSlotMissed missed when !Telling(missed.Probe).MissedTold:
                Telling(missed.Probe).MissedTold = true;
                return ($"probe {missed.Probe} missed a slot: {missed.Reason}", Tone.Warning);
            case ObservationGap gap:
                return ($"gap of {Clocks.Duration(gap.To - gap.From)} in watching {gap.What}{(gap.Lost ? ", changes may be lost" : "")}: {gap.Reason}", Tone.Warning);
            case SteadyStateChecked check:
                return check.Held switch
                {
                    true => ($"steady: {check.Subject}: {check.Reason}", Tone.Good),
                    false => ($"not steady: {check.Subject}: {check.Reason}", Tone.Bad),
                    null => ($"steadiness not known: {check.Subject}: {check.Reason}", Tone.Warning),
                };
            case GuardTripped guard:
                return ($"guard {guard.Guard} tripped: {guard.Reason}", Tone.Bad);
            case AbortRequested abort:
                return ($"stopping: {abort.By}", Tone.Bad);
            case UndoRecorded undo:
                return ($"undo written down: {undo.Description}", Tone.Faint);
            case UndoFinished undo:
                return undo.Succeeded ? ($"undone: {undo.Detail}", Tone.Good) : ($"NOT undone: {undo.Detail}", Tone.Bad);
            case ClusterEventSeen seen when _faulted && !Routine.Contains(seen.Reason) && _clusterEvents.Add(seen.Regarding + seen.Reason):
                return ($"event {seen.Reason} of {seen.Regarding}: {seen.Message}", Tone.Faint);
            case Note note:
                return (note.Text, Tone.Plain);
            default:
                return null;
        }
    }

    private (string, Tone)? Sample(ProbeSampled sample, TimeSpan at)
    {
        var telling = Telling(sample.Probe);
        telling.MissedTold = false;
        var (before, since, failures) = (telling.Told, telling.Since, telling.Failures);
        telling.Failures = sample.Outcome == SampleOutcome.Failure ? failures + 1 : failures;
        if (before == sample.Outcome)
        {
            return null;
        }

        (telling.Told, telling.Since) = (sample.Outcome, sample.SentAt);
        switch (sample.Outcome)
        {
            case SampleOutcome.Failure:
                return ($"probe {sample.Probe} fails: {sample.Detail}", Tone.Bad);
            case SampleOutcome.Unknown:
                return ($"probe {sample.Probe} cannot ask: {sample.Detail}", Tone.Warning);
            case SampleOutcome.Success when before is SampleOutcome.Failure:
                telling.Failures = 0;
                return ($"probe {sample.Probe} succeeds again after {failures} failed sample{(failures == 1 ? "" : "s")} in {Clocks.Duration(sample.SentAt - since)}", Tone.Good);
            default:
                telling.Failures = 0;
                return ($"probe {sample.Probe} succeeds ({Clocks.Duration(at - sample.SentAt)})", Tone.Good);
        }
    }

    private ProbeTelling Telling(string probe)
    {
        if (!_probes.TryGetValue(probe, out var telling))
        {
            _probes[probe] = telling = new ProbeTelling();
        }

        return telling;
    }

    private static (string, Tone)? Milestone(PodObserved pod)
    {
        var detail = pod.Detail is null ? "" : $" ({pod.Detail})";
        return pod.Milestone switch
        {
            PodMilestone.Created => ($"pod {pod.Pod} created{detail}", Tone.Plain),
            PodMilestone.Scheduled => ($"pod {pod.Pod} scheduled to {pod.Node}{detail}", Tone.Plain),
            PodMilestone.Started => ($"pod {pod.Pod} started{detail}", Tone.Plain),
            PodMilestone.Ready => ($"pod {pod.Pod} ready{detail}", Tone.Good),
            PodMilestone.NotReady => ($"pod {pod.Pod} not ready{detail}", Tone.Bad),
            PodMilestone.Terminating => ($"pod {pod.Pod} terminating{detail}", Tone.Bad),
            PodMilestone.Gone => ($"pod {pod.Pod} gone{detail}", Tone.Bad),
            _ => null,
        };
    }

    private static string? Stage(DrillStage stage) => stage switch
    {
        DrillStage.SteadyStateBefore => "checking the steady state",
        DrillStage.SteadyStateAfter => "checking the steady state again",
        DrillStage.Undo => "undoing",
        _ => null,
    };

    private static string Outcome(StepOutcome outcome) => outcome switch
    {
        StepOutcome.NotProved => "not proved",
        StepOutcome.Disproved => "seen to fail",
        StepOutcome.TimedOut => "timed out",
        StepOutcome.Aborted => "stopped",
        _ => "failed",
    };

    private string Run(int iteration) => header.Plan.Repeat > 1 ? $", run {iteration} of {header.Plan.Repeat}" : "";

    private string StepName(int step) => header.Plan.StepName(step);

    private string StepKind(int step) => header.Plan.Steps.FirstOrDefault(s => s.Index == step)?.Kind ?? "fault";
}
