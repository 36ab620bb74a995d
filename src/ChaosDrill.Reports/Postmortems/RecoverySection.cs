using System.Globalization;
using ChaosDrill.Model.Measures;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>How each workload came back: marks, phases, and a close-up of the chart.</summary>
internal static class RecoverySection
{
    /// <summary>More recoveries than this are told by the slowest of them.</summary>
    private const int Most = 6;

    private const string Stable = "stable";

    private const string FirstFailedProbe = "first failed probe";

    public static Fields Of(DrillFacts facts, ChartData data)
    {
        var all = facts.Judgement.Recoveries;
        var shown = all.Count <= Most
            ? all
            : [.. all.OrderByDescending(r => r.Time.High is null ? double.MaxValue : r.Time.Value).Take(Most).OrderBy(r => r.Iteration).ThenBy(r => r.Step)];
        return new Fields
        {
            ["all"] = all.Count,
            ["shown"] = shown.Count,
            ["isCut"] = shown.Count < all.Count,
            ["rows"] = shown.Select((r, i) => (object?)Row(facts, data, r, i)).ToList(),
        };
    }

    private static Fields Row(DrillFacts facts, ChartData data, Recovery recovery, int index)
    {
        var zero = facts.EffectAt(recovery) ?? (recovery.Marks.Count > 0 ? recovery.Marks[0].At : TimeSpan.Zero);
        var title = $"{facts.StepName(recovery.Step)}: {recovery.Of}" +
            (facts.Header.Plan.Repeat > 1 ? $", repetition {recovery.Iteration.ToString(CultureInfo.InvariantCulture)}" : "");
        var closeUp = data.IsEmpty ? null : CloseUp(facts, recovery, zero);
        return new Fields
        {
            ["title"] = title,
            ["time"] = Figures.Estimate(MeasureUnit.Seconds, recovery.Time),
            ["remark"] = Plain.Line(recovery.Time.Remark),
            ["costliest"] = Plain.Line(recovery.CostliestPhase),
            ["chartWide"] = closeUp is null ? "" : TimelineChart.Draw(data, Frame(closeUp.Value, $"recovery-{index}-wide", ChartSection.Wide, zero, title)),
            ["chartNarrow"] = closeUp is null ? "" : TimelineChart.Draw(data, Frame(closeUp.Value, $"recovery-{index}-narrow", ChartSection.Narrow, zero, title)),
            ["marks"] = Marks(recovery, zero),
        };
    }

    private static List<object?> Marks(Recovery recovery, TimeSpan zero)
    {
        List<object?> rows = [];
        var marks = recovery.Marks.OrderBy(m => m.At).ToList();
        var path = marks.Where(m => m.Name is not (Stable or FirstFailedProbe)).ToList();
        var whole = path.Count > 1 ? (path[^1].At - path[0].At).TotalSeconds : 0;
        RecoveryMark? before = null;
        foreach (var mark in marks)
        {
            // A failed probe is a witness, not a phase: the cluster did not stop for it.
            var isPhase = before is not null && mark.Name != FirstFailedProbe;
            var hasBar = isPhase && mark.Name != Stable && whole > 0;
            rows.Add(new Fields
            {
                ["name"] = Plain.Line(mark.Name),
                ["since"] = Figures.Since(mark.At - zero),
                ["took"] = isPhase ? Figures.Seconds(mark.At - before!.At) : "",
                ["detail"] = Plain.Line(mark.Detail),
                ["isCostliest"] = isPhase && recovery.CostliestPhase is { } phase && phase == $"{before!.Name} → {mark.Name}",
                ["hasBar"] = hasBar,
                ["barLeft"] = hasBar ? Percent((before!.At - path[0].At).TotalSeconds / whole) : "0",
                ["barWidth"] = hasBar ? Percent((mark.At - before!.At).TotalSeconds / whole) : "0",
            });
            before = mark.Name == FirstFailedProbe ? before : mark;
        }

        return rows;
    }

    // From a little before the request to a little after the recovery; the long wait for stability would flatten it.
    private static (TimeSpan From, TimeSpan To)? CloseUp(DrillFacts facts, Recovery recovery, TimeSpan effect)
    {
        var end = facts.RecoveredAt(recovery) ?? recovery.Marks.Select(m => m.At).Append(effect).Max();
        var length = end - effect;
        if (length <= TimeSpan.Zero)
        {
            return null;
        }

        var margin = Max(length * 0.3, TimeSpan.FromMilliseconds(200));
        var from = Max(TimeSpan.Zero, effect - margin);
        var to = end + margin;
        return (from, to < facts.Length ? to : facts.Length);
    }

    private static ChartFrame Frame((TimeSpan From, TimeSpan To) window, string id, double width, TimeSpan zero, string title) => new()
    {
        Id = id,
        Width = width,
        From = window.From,
        To = window.To,
        Zero = zero,
        AxisName = "time since the fault took effect",
        IsCloseUp = true,
        Title = "Close-up. " + title,
        Description = "The same lanes as in the timeline, around this recovery. The table below has the marks.",
    };

    private static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
