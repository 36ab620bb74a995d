using System.Diagnostics;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Telemetry;

/// <summary>Makes a trace of a drill that is over: the drill is the root, its steps and the other stages are spans, and the rest are events.</summary>
/// <remarks>Made of the recorded timeline alone, so that a trace costs a running drill nothing and says what its report says.</remarks>
internal static class DrillTrace
{
    /// <summary>Writes the spans to a source, with the instants of the timeline.</summary>
    public static void Write(ActivitySource source, DrillRecord record, Judgement judgement)
    {
        var header = record.Header;

        // Whatever is under way in this process is no parent of a drill.
        Activity.Current = null;
        using var root = source.StartActivity($"drill {header.Scenario}", ActivityKind.Internal, default(ActivityContext), Of(record, judgement), null, header.StartedAt);
        if (root is null)
        {
            return;
        }

        var timeline = record.Timeline.OrderBy(e => e.At).ThenBy(e => e.Sequence).ToList();

        // No span is shorter than a tick; the root holds all others.
        var end = At(record, timeline.Count == 0 ? TimeSpan.Zero : timeline[^1].At) + TimeSpan.FromTicks(1);
        var open = (Activity?)null;
        var probes = new Dictionary<string, SampleOutcome>();
        foreach (var entry in timeline)
        {
            var at = At(record, entry.At);
            switch (entry.Event)
            {
                case StageEntered { Stage: DrillStage.Steps or DrillStage.Ended or DrillStage.Preflight }:
                    Close(ref open, at);
                    break;
                case StageEntered stage:
                    Close(ref open, at);
                    open = source.StartActivity(NameOf(stage.Stage), ActivityKind.Internal, root.Context, null, null, at);
                    break;
                case StepStarted step:
                    Close(ref open, at);
                    open = source.StartActivity(NameOf(header, step.Step), ActivityKind.Internal, root.Context, Of(header, step), null, at);
                    break;
                case StepEnded step:
                    open?.SetTag("chaosdrill.step.outcome", step.Outcome.ToString());
                    open?.SetStatus(step.Outcome == StepOutcome.Done ? ActivityStatusCode.Ok : ActivityStatusCode.Error, step.Reason);
                    Close(ref open, at);
                    break;
                case ProbeSampled sample when probes.GetValueOrDefault(sample.Probe) != sample.Outcome:
                    // A probe that fails ten times a second fails once, until it succeeds again.
                    probes[sample.Probe] = sample.Outcome;
                    root.AddEvent(new ActivityEvent(
                        sample.Outcome switch { SampleOutcome.Success => "probe succeeds", SampleOutcome.Failure => "probe fails", _ => "probe cannot ask" }, at,
                        new() { ["chaosdrill.probe"] = sample.Probe, ["detail"] = sample.Detail }));
                    break;
                default:
                    if (EventOf(entry.Event) is var (name, tags))
                    {
                        (open ?? root).AddEvent(new ActivityEvent(name, at, tags));
                    }

                    break;
            }
        }

        Close(ref open, end);
        root.SetEndTime(end.UtcDateTime);
        var isError = judgement.Outcome == DrillOutcome.Fail || record.End?.Ending == DrillEnding.Broken;
        root.SetStatus(
            isError ? ActivityStatusCode.Error : judgement.Outcome == DrillOutcome.Pass ? ActivityStatusCode.Ok : ActivityStatusCode.Unset,
            isError ? judgement.Reason : null);
    }

    private static void Close(ref Activity? open, DateTimeOffset at)
    {
        open?.SetEndTime(at.UtcDateTime);
        open?.Dispose();
        open = null;
    }

    private static DateTimeOffset At(DrillRecord record, TimeSpan at) => record.Header.StartedAt + at;

    private static (string Name, ActivityTagsCollection Tags)? EventOf(TimelineEvent happened) => happened switch
    {
        FaultRequested e => ("fault requested", new() { ["target"] = e.Target.ToString() }),
        FaultTookEffect e => ("fault took effect", new() { ["target"] = e.Target.ToString(), ["evidence"] = e.Evidence }),
        PhaseReached e => (e.Phase, new() { ["detail"] = e.Detail }),
        CheckMade e => ("check", new() { ["check"] = e.Check, ["held"] = e.Held, ["evidence"] = e.Evidence }),
        GuardTripped e => ("guard tripped", new() { ["guard"] = e.Guard, ["reason"] = e.Reason }),
        AbortRequested e => ("stop requested", new() { ["by"] = e.By }),
        UndoRecorded e => ("way back written down", new() { ["undo"] = e.Id, ["description"] = e.Description }),
        UndoFinished e => (e.Succeeded ? "put back" : "NOT put back", new() { ["undo"] = e.Id, ["detail"] = e.Detail }),
        SteadyStateChecked e => ("steady state", new() { ["subject"] = e.Subject, ["held"] = e.Held, ["reason"] = e.Reason }),
        ObservationGap e => ("nothing could be observed", new() { ["what"] = e.What, ["seconds"] = (e.To - e.From).TotalSeconds, ["reason"] = e.Reason }),
        AlertSeen { State: AlertState.Firing } e => ("alert fires", new() { ["alert"] = e.Alert }),
        _ => null,
    };

    private static List<KeyValuePair<string, object?>> Of(DrillRecord record, Judgement judgement) =>
    [
        new("chaosdrill.drill.id", record.Header.Id),
        new("chaosdrill.scenario", record.Header.Scenario),
        new("chaosdrill.outcome", judgement.Outcome.ToString()),
        new("chaosdrill.reason", judgement.Reason),
        new("chaosdrill.undo.complete", judgement.UndoComplete),
        new("chaosdrill.seed", record.Header.Plan.Seed),
        new("chaosdrill.virtual_time", record.Header.VirtualTime),
        new("k8s.cluster.name", record.Header.Plan.Cluster.Name),
        new("k8s.namespace.name", record.Header.Plan.Namespace),
    ];

    private static List<KeyValuePair<string, object?>> Of(DrillHeader header, StepStarted step) =>
    [
        new("chaosdrill.drill.id", header.Id),
        new("chaosdrill.step", step.Step + 1),
        new("chaosdrill.step.kind", header.Plan.Steps.FirstOrDefault(s => s.Index == step.Step)?.Kind),
        new("chaosdrill.iteration", step.Iteration),
    ];

    private static string NameOf(DrillHeader header, int step) => header.Plan.Steps.FirstOrDefault(s => s.Index == step)?.Name ?? $"step {step + 1}";

    private static string NameOf(DrillStage stage) => stage switch
    {
        DrillStage.SteadyStateBefore => "steady state before",
        DrillStage.SteadyStateAfter => "steady state after",
        _ => "undo",
    };
}
