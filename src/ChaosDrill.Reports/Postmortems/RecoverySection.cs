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
        var zero = facts.EffectAt(recovery.Iteration, recovery.Step)
            ?? (recovery.Marks.Count > 0 ? recovery.Marks[0].At : TimeSpan.Zero);
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
        var whole = marks.Count > 1 ? (marks[^1].At - marks[0].At).TotalSeconds : 0;
        for (var i = 0; i < marks.Count; i++)
        {
            var before = i > 0 ? marks[i - 1] : null;
            var took = before is null ? (TimeSpan?)null : marks[i].At - before.At;
            rows.Add(new Fields
            {
                ["name"] = Plain.Line(marks[i].Name),
                ["since"] = Figures.Since(marks[i].At - zero),
                ["took"] = took is { } t ? Figures.Seconds(t) : "",
                ["detail"] = Plain.Line(marks[i].Detail),
                ["isCostliest"] = before is not null && recovery.CostliestPhase is { } phase && phase == $"{before.Name} → {marks[i].Name}",
                ["barLeft"] = before is null || whole == 0 ? "0" : Percent((before.At - marks[0].At).TotalSeconds / whole),
                ["barWidth"] = took is null || whole == 0 ? "0" : Percent(took.Value.TotalSeconds / whole),
            });
        }

        return rows;
    }

    // From a little before the request to a little after the recovery; the long wait for stability would flatten it.
    private static (TimeSpan From, TimeSpan To)? CloseUp(DrillFacts facts, Recovery recovery, TimeSpan effect)
    {
        var marks = recovery.Marks.Select(m => m.At).Append(effect).ToList();
        var end = facts.RecoveredAt(recovery) ?? marks.Max();
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
