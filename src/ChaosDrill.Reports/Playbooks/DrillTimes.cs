using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Postmortems;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>How long the parts of a drill took over many drills: each a median and a 95th percentile with n, and when it was last seen.</summary>
/// <remarks>Drills that were refused, broke off or were stopped count for nothing; a value without an upper bound is no measure.</remarks>
internal sealed class DrillTimes
{
    private static readonly (string Name, string Words)[] Told =
    [
        ("detection", "From the effect to the first failed probe"), ("recovery", "From the effect to recovery"), ("outage", "Longest outage seen by a probe"),
        ("restore", "Restore, from its beginning until the data is verified"), ("dataLoss", "Data lost"), ("backupAge", "Age of the backup"),
    ];

    private readonly Dictionary<string, List<Seen>> values = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Drill, int Iteration), Dictionary<string, Seen>> commands = [];

    public DrillTimes(IEnumerable<(DrillRecord Record, Judgement Judgement)> drills)
    {
        foreach (var (record, judgement) in drills.Where(d => d.Record.End is { Ending: DrillEnding.Completed }))
        {
            var facts = new DrillFacts(record, judgement);
            Recoveries(facts);
            Steps(facts);
            Commands(facts);
            foreach (var result in judgement.Objectives)
            {
                var name = result.Goal switch { LongestOutageGoal => "outage", DataLossGoal => "dataLoss", RestoreTimeGoal => "restore", BackupAgeGoal => "backupAge", _ => null };
                foreach (var value in name is null ? [] : result.Measure.Values)
                {
                    Add(name!, value is { Value: { } known, High: not null } ? known : null, facts, result.Measure.Unit);
                }
            }
        }
    }

    /// <summary>
    /// <c>recovery</c>, <c>outage</c>, <c>dataLoss</c>, <c>restore</c>, <c>backupAge</c>, <c>detection</c> (the first failed probe since
    /// the effect), <c>steps.KIND</c> and <c>marks.NAME</c> (since the effect), each <c>by</c> scenario; what was never seen is absent.
    /// </summary>
    public Fields Model()
    {
        var (model, steps, marks) = (new Fields(), new Fields(), new Fields());
        foreach (var (name, seen) in values)
        {
            var group = name.StartsWith("steps.", StringComparison.Ordinal) ? steps : name.StartsWith("marks.", StringComparison.Ordinal) ? marks : model;
            group[name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]] = Line(seen);
        }

        model["steps"] = steps;
        model["marks"] = marks;
        return model;
    }

    /// <summary>What the drills of a scenario measured, a line each; empty when they measured nothing.</summary>
    public List<object?> Measured(string scenario) =>
    [
        .. Told.Select(t => (t.Words, Seen: values.GetValueOrDefault(t.Name)?.Where(s => s.Drill.Scenario == scenario).ToList() ?? [])).Where(t => t.Seen.Count > 0).Select(t =>
        {
            var line = Line(scenario, t.Seen);
            line["what"] = t.Words;
            return line;
        }),
    ];

    /// <summary>How long some commands took together, in each drill that ran them all.</summary>
    /// <returns>Null when no drill did.</returns>
    public (Spread Spread, DrillHeader Last)? Together(IReadOnlyList<string> texts)
    {
        List<(double Sum, DrillHeader Drill)> runs =
            [.. commands.Values.Where(c => texts.All(c.ContainsKey)).Select(c => (texts.Sum(t => c[t].Value), c[texts[0]].Drill))];
        return runs.Count == 0 ? null : (Spread.Of([.. runs.Select(r => r.Sum)]), runs.MaxBy(r => r.Drill.StartedAt).Drill);
    }

    private void Commands(DrillFacts facts)
    {
        foreach (var (_, figure) in facts.Of<FigureMeasured>().Where(f => f.Event.Name.StartsWith(FigureNames.Command, StringComparison.Ordinal)))
        {
            if (figure.Value.Value is { } seconds)
            {
                var run = (facts.Header.Id, figure.Value.Iteration);
                (commands.TryGetValue(run, out var ran) ? ran : commands[run] = new(StringComparer.Ordinal))[figure.Name[FigureNames.Command.Length..]] =
                    new Seen(seconds, figure.Unit, facts.Header);
            }
        }
    }

    private void Recoveries(DrillFacts facts)
    {
        // Where pods come back they are the measure; a cut network breaks none, and only a probe sees it mended.
        var hasWorkloads = facts.Judgement.Recoveries.Any(r => !r.Of.IsProbe);
        foreach (var recovery in facts.Judgement.Recoveries)
        {
            Add("recovery", recovery.Time is { Value: { } seconds, High: not null } && recovery.Of.IsProbe != hasWorkloads ? seconds : null, facts);
            if (facts.EffectAt(recovery) is not { } effect)
            {
                continue;
            }

            foreach (var mark in recovery.Marks.Where(m => m.At > effect))
            {
                var name = Camel(mark.Name);
                Add(name == "firstFailedProbe" ? "detection" : "marks." + name, (mark.At - effect).TotalSeconds, facts);
            }
        }
    }

    private void Steps(DrillFacts facts)
    {
        Dictionary<(int Step, int Iteration), TimeSpan> begun = [];
        foreach (var entry in facts.Timeline)
        {
            switch (entry.Event)
            {
                case StepStarted start:
                    begun[(start.Step, start.Iteration)] = entry.At;
                    break;
                case StepEnded { Outcome: StepOutcome.Done } end
                    when begun.TryGetValue((end.Step, end.Iteration), out var from) && facts.Header.Plan.Steps.FirstOrDefault(s => s.Index == end.Step) is { } step:
                    // Waiting until it has held for long enough is the drill's caution, not a person's time.
                    var stable = facts.Header.Awaits.FirstOrDefault(a => a.Step == end.Step)?.StableFor ?? TimeSpan.Zero;
                    Add("steps." + step.Kind, Math.Max(0, (entry.At - from - stable).TotalSeconds), facts);
                    break;
            }
        }
    }

    private void Add(string name, double? value, DrillFacts facts, MeasureUnit unit = MeasureUnit.Seconds)
    {
        if (value is { } known)
        {
            (values.TryGetValue(name, out var list) ? list : values[name] = []).Add(new Seen(known, unit, facts.Header));
        }
    }

    // Scenarios of one disaster break different things: their times are never mixed.
    private static Fields Line(IEnumerable<Seen> seen) => new()
    {
        ["by"] = seen.GroupBy(s => s.Drill.Scenario).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (object?)Line(g.Key, [.. g])).ToList(),
    };

    private static Fields Line(string scenario, IReadOnlyList<Seen> seen)
    {
        // An objective on lost entries and one on lost seconds do not add up: the newest drill's unit counts.
        var unit = seen.MaxBy(s => s.Drill.StartedAt)!.Unit;
        var spread = Spread.Of([.. seen.Where(s => s.Unit == unit).Select(s => s.Value)]);
        var last = seen.MaxBy(s => s.Drill.StartedAt)!.Drill;
        return new Fields
        {
            ["scenario"] = Plain.Line(scenario),
            ["n"] = spread.Count,
            ["median"] = Figures.Value(unit, spread.Median),
            ["p95"] = Figures.Value(unit, spread.P95),
            ["max"] = Figures.Value(unit, spread.Max),
            ["lastProved"] = last.StartedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["drill"] = Plain.Line(last.Id),
        };
    }

    private static string Camel(string mark)
    {
        var words = mark.Split(' ');
        return string.Concat(words.Select((w, i) => i == 0 ? w : char.ToUpperInvariant(w[0]) + w[1..]));
    }

    private sealed record Seen(double Value, MeasureUnit Unit, DrillHeader Drill);
}
