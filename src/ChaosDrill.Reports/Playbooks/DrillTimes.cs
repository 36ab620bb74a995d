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
    private readonly Dictionary<string, List<(double Value, MeasureUnit Unit, DrillHeader Drill)>> values = new(StringComparer.Ordinal);

    public DrillTimes(IEnumerable<(DrillRecord Record, Judgement Judgement)> drills)
    {
        foreach (var (record, judgement) in drills.Where(d => d.Record.End is { Ending: DrillEnding.Completed }))
        {
            var facts = new DrillFacts(record, judgement);
            Recoveries(facts);
            Steps(facts);
            foreach (var result in judgement.Objectives)
            {
                var name = result.Goal switch { LongestOutageGoal => "outage", DataLossGoal => "dataLoss", RestoreTimeGoal => "restore", _ => null };
                foreach (var value in name is null ? [] : result.Measure.Values)
                {
                    Add(name!, value is { Value: { } known, High: not null } ? known : null, facts, result.Measure.Unit);
                }
            }
        }
    }

    /// <summary>
    /// <c>recovery</c>, <c>outage</c>, <c>dataLoss</c>, <c>restore</c>, <c>detection</c> (the first failed probe since the effect),
    /// <c>steps.KIND</c> and <c>marks.NAME</c> (since the effect); what was never seen is absent.
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

    private void Recoveries(DrillFacts facts)
    {
        foreach (var recovery in facts.Judgement.Recoveries)
        {
            Add("recovery", recovery.Time is { Value: { } seconds, High: not null } && !recovery.Of.IsProbe ? seconds : null, facts);
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
            (values.TryGetValue(name, out var list) ? list : values[name] = []).Add((known, unit, facts.Header));
        }
    }

    private static Fields Line(List<(double Value, MeasureUnit Unit, DrillHeader Drill)> seen)
    {
        // An objective on lost entries and one on lost seconds do not add up: the newest drill's unit counts.
        var unit = seen.MaxBy(s => s.Drill.StartedAt).Unit;
        var spread = Spread.Of([.. seen.Where(s => s.Unit == unit).Select(s => s.Value)]);
        var last = seen.MaxBy(s => s.Drill.StartedAt).Drill;
        return new Fields
        {
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
}
