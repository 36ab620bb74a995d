using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>Objectives beside what was measured.</summary>
internal static class ObjectiveSection
{
    /// <summary>More values than this are told by their spread alone.</summary>
    private const int MostValues = 20;

    public static Fields Of(DrillFacts facts) => new()
    {
        ["rows"] = facts.Judgement.Objectives.Select(o => (object?)Row(o, facts.Header.Plan.Repeat)).ToList(),

        // A refused drill measured nothing, but what it was for is still worth a line.
        ["unmeasured"] = facts.Judgement.Objectives.Count > 0 ? [] : facts.Header.Objectives
            .Select(g => (object?)new Fields { ["metric"] = Words.Metric(g), ["subject"] = Plain.Line(g.Subject), ["limit"] = g.Limit }).ToList(),
    };

    private static Fields Row(ObjectiveResult result, int repeat)
    {
        var limit = Words.LimitOf(result.Goal);
        var measure = result.Measure;
        var several = measure.Values.Count > 1;
        return new Fields
        {
            ["metric"] = Words.Metric(result.Goal),
            ["subject"] = Plain.Line(result.Goal.Subject),
            ["limit"] = result.Goal.Limit,
            ["measured"] = Measured(result.Goal, measure, limit),
            ["bounds"] = Bounds(measure, limit),
            ["remark"] = measure.Values is [var only] ? Plain.Line(only.Remark) : "",
            ["verdict"] = Words.Of(result.Verdict),
            ["reason"] = Plain.Line(result.Reason),
            ["spread"] = measure.Spread is { } spread ? Spread(measure.Unit, spread, limit) : null,
            ["values"] = several && measure.Values.Count <= MostValues
                ? measure.Values.Select(v => (object?)new Fields
                {
                    ["label"] = Words.LabelOf(v, repeat),
                    ["subject"] = Plain.Line(v.Subject),
                    ["iteration"] = v.Iteration,
                    ["value"] = Figures.Estimate(measure.Unit, v, limit),
                    ["remark"] = Plain.Line(v.Remark),
                }).ToList()
                : [],
        };
    }

    private static string Measured(ObjectiveGoal goal, Measure measure, double? limit) => measure switch
    {
        { Values: [] } => "not known",
        { Values: [var single] } => Figures.Best(measure.Unit, single, limit),

        // Every repetition is judged, so the worst one is the number that counts.
        { Spread: { } spread } => Figures.Value(measure.Unit, GoalLimit.Of(goal) is { MoreIsBetter: true } ? spread.Min : spread.Max, limit),
        _ => $"{measure.Values.Count(v => v is { Value: not null, High: not null })} of {measure.Values.Count} known",
    };

    private static string? Bounds(Measure measure, double? limit) => measure switch
    {
        { Values: [var single] } => Figures.Bounds(measure.Unit, single),
        { Spread: { } spread } => $"worst of {spread.Count}; median {Figures.Value(measure.Unit, spread.Median, limit)}",
        _ => null,
    };

    private static Fields Spread(MeasureUnit unit, Spread spread, double? limit) => new()
    {
        ["n"] = spread.Count,
        ["min"] = Figures.Value(unit, spread.Min, limit),
        ["median"] = Figures.Value(unit, spread.Median, limit),
        ["p95"] = Figures.Value(unit, spread.P95, limit),
        ["max"] = Figures.Value(unit, spread.Max, limit),
    };
}
