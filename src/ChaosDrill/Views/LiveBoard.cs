using ChaosDrill.Model;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Views;

/// <summary>What the live view shows, folded from the timeline as it grows; drawn into any size of window.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LiveBoard(DrillHeader header)
{
    private const int EventsKept = 200;
    private const int Bar = 10;

    private readonly EventWords _words = new(header);
    private readonly List<TimelineEntry> _entries = [];
    private readonly Queue<EventLine> _events = new();
    private readonly SortedDictionary<string, WorkloadObserved> _workloads = [];
    private readonly Dictionary<string, ProbeLane> _probes = header.Probes.ToDictionary(p => p.Name, _ => new ProbeLane());
    private readonly Dictionary<int, (StepOutcome Outcome, TimeSpan Took)> _ended = [];
    private readonly Dictionary<string, bool?> _steady = [];
    private DrillStage _stage = DrillStage.Preflight;
    private (int Step, TimeSpan At)? _current;
    private int _iteration = 1;
    private TimeSpan? _holdsSince;
    private string? _asked;
    private IReadOnlyList<ObjectiveResult> _objectives = [];
    private TimeSpan? _judgedAt;

    /// <summary>Whether somebody asked the drill to stop.</summary>
    public string? Stopping { get; private set; }

    /// <summary>Takes the next entry into account.</summary>
    public void Apply(TimelineEntry entry)
    {
        _entries.Add(entry);
        if (_words.Tell(entry) is { } line)
        {
            _events.Enqueue(line);
            if (_events.Count > EventsKept)
            {
                _events.Dequeue();
            }
        }

        switch (entry.Event)
        {
            case StageEntered stage:
                _stage = stage.Stage;
                break;
            case StepStarted step:
                if (step.Iteration != _iteration)
                {
                    _iteration = step.Iteration;
                    _ended.Clear();
                }

                (_current, _holdsSince) = ((step.Step, entry.At), null);
                break;
            case StepEnded step when _current is { } begun:
                _ended[step.Step] = (step.Outcome, entry.At - begun.At);
                (_current, _asked) = (null, null);
                break;
            case PhaseReached { Detail: { } question } phase when header.Plan.Steps.Any(s => s.Index == phase.Step && s.Kind == "hold"):
                _asked = question;
                break;
            case WorkloadObserved workload:
                _workloads[workload.Workload.ToString()] = workload;
                break;
            case ProbeSampled sample when _probes.TryGetValue(sample.Probe, out var lane):
                lane.Add(sample, entry.At);
                break;
            case ProbeSlotMissed missed when _probes.TryGetValue(missed.Probe, out var lane):
                lane.Miss();
                break;
            case SteadyStateChecked check:
                _steady[$"{check.Stage} {check.Subject}"] = check.Held;
                break;
            case AbortRequested abort:
                Stopping = abort.By;
                break;
        }
    }

    /// <summary>Draws everything into a window.</summary>
    /// <param name="now">The drill's clock.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Lines; never more are returned.</param>
    public IReadOnlyList<StyledLine> Draw(TimeSpan now, int width, int height)
    {
        var fixedLines = new List<StyledLine>();
        fixedLines.AddRange(Head(now, width));
        fixedLines.AddRange(Steps(now));
        fixedLines.AddRange(Section("Workloads", _workloads.Values.Select(Workload)));
        fixedLines.AddRange(Section("Probes", header.Probes.Select(p => Probe(p.Name, width))));
        fixedLines.AddRange(Section("Objectives so far", Objectives(now)));

        // A person is waited for: what they are asked goes before everything else.
        List<StyledLine> foot = Stopping is null && _asked is { } asked ? [.. Wrapped("? " + asked, width, Math.Max(1, height / 2)), Foot()] : [Foot()];
        var room = height - foot.Count;
        List<StyledLine> lines = [.. fixedLines.Take(room)];
        var forEvents = room - lines.Count - 2;
        if (forEvents >= 1)
        {
            lines.Add(StyledLine.Empty);
            lines.Add(new StyledLine().Add("Events", Tone.Strong));
            lines.AddRange(_events.TakeLast(forEvents).Select(PlainView.Line));
        }

        while (lines.Count < room)
        {
            lines.Add(StyledLine.Empty);
        }

        return [.. lines, .. foot];
    }

    private StyledLine Foot() => Stopping is null
        ? new StyledLine().Add("Ctrl-C stops and undoes", Tone.Faint)
        : new StyledLine().Add($"stopping and undoing: {Stopping}", Tone.Bad).Add("  Ctrl-C again ends at once", Tone.Faint);

    private static IEnumerable<StyledLine> Wrapped(string text, int width, int most)
    {
        var rest = StyledLine.Printable(text);
        for (var line = 0; line < most && rest.Length > 0; line++)
        {
            var space = rest.Length <= width ? rest.Length : rest.LastIndexOf(' ', Math.Max(0, width - 1));
            var end = space > 0 ? space : Math.Min(width, rest.Length);
            yield return new StyledLine().Add(rest[..end], Tone.Warning);
            rest = rest[end..].TrimStart();
        }
    }

    private IEnumerable<StyledLine> Head(TimeSpan now, int width)
    {
        var plan = header.Plan;
        var line = new StyledLine().Add(Clocks.Running(now), Tone.Strong).Add("  ").Add(header.Scenario, Tone.Strong);
        var where = $"{plan.Cluster.Name} · {plan.Namespace} · seed {plan.Seed}";
        yield return line.PadTo(width - where.Length).Add(where, Tone.Faint);
        yield return new StyledLine().Add(Stage(), Tone.Faint)
            .Add(plan.Repeat > 1 ? $" · run {_iteration} of {plan.Repeat}" : "", Tone.Faint);
        yield return StyledLine.Empty;
    }

    private IEnumerable<StyledLine> Steps(TimeSpan now)
    {
        yield return SteadyLine(DrillStage.SteadyStateBefore, "steady state");
        foreach (var step in header.Plan.Steps)
        {
            var name = $"{step.Index + 1}. {step.Name}";
            if (_ended.TryGetValue(step.Index, out var ended))
            {
                var (mark, tone) = ended.Outcome == StepOutcome.Done ? ("✓", Tone.Good) : ("✗", Tone.Bad);
                yield return new StyledLine().Add($" {mark} ", tone).Add(name).Add($"  {Clocks.Duration(ended.Took)}", Tone.Faint);
            }
            else if (_current is { } current && current.Step == step.Index)
            {
                yield return new StyledLine().Add(" ▸ ", Tone.Warning).Add(name, Tone.Strong)
                    .Add($"  {Clocks.Running(now - current.At)}").Add(Awaited(step.Index, now), Tone.Faint);
            }
            else
            {
                yield return new StyledLine().Add("   ").Add(name, Tone.Faint);
            }
        }

        yield return SteadyLine(DrillStage.SteadyStateAfter, "steady state again");
    }

    /// <summary>How far an <c>awaitRecovery</c> step is: how long everything has held, of how long it must.</summary>
    private string Awaited(int step, TimeSpan now)
    {
        if (header.Awaits.FirstOrDefault(a => a.Step == step) is not { } await)
        {
            return "";
        }

        var holding = await.Of.All(Holds);
        _holdsSince = holding ? _holdsSince ?? now : null;
        return _holdsSince is { } since
            ? $"  held {Clocks.Running(now - since)} of {GoDuration.Format(await.StableFor)}"
            : $"  waiting, at most {GoDuration.Format(await.Timeout)}";
    }

    private bool Holds(WorkloadReference of) => of.IsProbe
        ? _probes.TryGetValue(of.Name, out var lane) && lane.Last?.Outcome == SampleOutcome.Success
        : _workloads.TryGetValue(of.ToString(), out var workload) && workload.Holds;

    private StyledLine SteadyLine(DrillStage stage, string name)
    {
        var checks = _steady.Where(s => s.Key.StartsWith(stage + " ", StringComparison.Ordinal)).Select(s => s.Value).ToList();
        if (checks.Count == 0)
        {
            return _stage == stage
                ? new StyledLine().Add(" ▸ ", Tone.Warning).Add(name, Tone.Strong)
                : new StyledLine().Add("   ").Add(name, Tone.Faint);
        }

        var (mark, tone) = checks.Any(c => c == false) ? ("✗", Tone.Bad) : checks.Any(c => c is null) ? ("?", Tone.Warning) : ("✓", Tone.Good);
        return new StyledLine().Add($" {mark} ", tone).Add(name);
    }

    private static StyledLine Workload(WorkloadObserved workload)
    {
        var line = new StyledLine().AddColumn($"   {workload.Workload}", 32);
        if (workload.Desired is not { } desired)
        {
            return line.Add("does not exist", Tone.Bad);
        }

        var full = desired == 0 ? Bar : Math.Clamp(Bar * workload.Ready / desired, 0, Bar);
        return line.Add(new string('█', full), workload.Holds ? Tone.Good : Tone.Warning).Add(new string('░', Bar - full), Tone.Faint)
            .Add($"  {workload.Ready}/{desired} ready", workload.Holds ? Tone.Plain : Tone.Bad)
            .Add(workload.Pods == desired ? "" : $", {workload.Pods} pods", Tone.Faint);
    }

    private StyledLine Probe(string name, int width)
    {
        var lane = _probes[name];
        var line = new StyledLine().AddColumn($"   {name}", 20);
        if (lane.Last is not { } last)
        {
            return line.Add("no sample yet", Tone.Faint);
        }

        var (mark, tone) = last.Outcome switch
        {
            SampleOutcome.Success => ("✓", Tone.Good),
            SampleOutcome.Failure => ("✗", Tone.Bad),
            _ => ("?", Tone.Warning),
        };
        line.Add(mark + " ", tone).AddColumn(Clocks.Duration(lane.LastLatency), 9);
        lane.Draw(line, Math.Clamp(width - line.Width - 26, 0, 60));
        line.Add($"  {lane.Succeeded} ok", Tone.Faint).Add(lane.Failed > 0 ? $" {lane.Failed} failed" : "", Tone.Bad)
            .Add(lane.Unknown > 0 ? $" {lane.Unknown} unknown" : "", Tone.Warning);
        return last.Outcome == SampleOutcome.Success ? line : line.Add($"  {last.Detail}", Tone.Faint);
    }

    private IEnumerable<StyledLine> Objectives(TimeSpan now)
    {
        // Measuring reads the whole timeline: once a second is often enough to look at.
        if (_judgedAt is not { } before || now - before > TimeSpan.FromSeconds(1))
        {
            _judgedAt = now;
            _objectives = Judge.Of(new DrillRecord(header, _entries, new DrillEnd(DrillEnding.Completed, now, null, true))).Objectives;
        }

        var named = _objectives.Select(o => $"{o.Goal.Metric} {o.Goal.Subject}".Length).DefaultIfEmpty(0).Max() + 2;
        var valued = _objectives.Select(o => Measured(o).Length).DefaultIfEmpty(0).Max() + 2;
        foreach (var objective in _objectives)
        {
            var (mark, tone) = IsMeasured(objective) ? VerdictView.Mark(objective.Verdict) : (" ", Tone.Faint);
            yield return new StyledLine().Add($" {mark} ", tone).AddColumn($"{objective.Goal.Metric} {objective.Goal.Subject}", named)
                .AddColumn(Measured(objective), valued).Add(objective.Goal.Limit, Tone.Faint);
        }
    }

    private static bool IsMeasured(ObjectiveResult objective) => objective.Measure.Values.Any(v => v.Value is not null);

    private static string Measured(ObjectiveResult objective) => IsMeasured(objective) ? VerdictView.Value(objective.Measure) : "–";

    private static IEnumerable<StyledLine> Section(string title, IEnumerable<StyledLine> lines)
    {
        var first = true;
        foreach (var line in lines)
        {
            if (first)
            {
                yield return StyledLine.Empty;
                yield return new StyledLine().Add(title, Tone.Strong);
                first = false;
            }

            yield return line;
        }
    }

    private string Stage() => _stage switch
    {
        DrillStage.Preflight => "getting ready",
        DrillStage.SteadyStateBefore => "checking the steady state",
        DrillStage.Steps => _current is { } step ? $"step {step.Step + 1} of {header.Plan.Steps.Count}" : "steps",
        DrillStage.Undo => "undoing",
        DrillStage.SteadyStateAfter => "checking the steady state again",
        _ => "ended",
    };
}
