using System.Globalization;
using ChaosDrill.Model.Measures;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>How each workload came back: marks, phases, and a close-up of the chart.</summary>
internal static class RecoverySection
{
    /// <summary>More recoveries than this are told by the slowest of them.</summary>
    private const int Most = 6;

    private const string Stable = "stable";

    private const string FirstFailedProbe = "first failed probe";

    public static Fields Of(DrillFacts facts, ChartData data, Pictures pictures)
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
            ["rows"] = shown.Select((r, i) => (object?)Row(facts, data, r, i, pictures)).ToList(),
        };
    }

    private static Fields Row(DrillFacts facts, ChartData data, Recovery recovery, int index, Pictures pictures)
    {
        var zero = facts.EffectAt(recovery) ?? (recovery.Marks.Count > 0 ? recovery.Marks[0].At : TimeSpan.Zero);
        var title = $"{facts.StepName(recovery.Step)}: {recovery.Of}" +
            (facts.Header.Plan.Repeat > 1 ? $", repetition {recovery.Iteration.ToString(CultureInfo.InvariantCulture)}" : "");
        var bars = Bars(recovery);
        string Waterfall(string id, double width, string? style = null) =>
            WaterfallChart.Draw(bars, id, width, "Phases. " + title, "time since the fault took effect", zero, style);
        var closeUp = data.IsEmpty ? null : CloseUp(facts, recovery, zero);
        return new Fields
        {
            ["title"] = title,
            ["time"] = Figures.Estimate(MeasureUnit.Seconds, recovery.Time),
            ["remark"] = Plain.Line(recovery.Time.Remark),
            ["costliest"] = Plain.Line(recovery.CostliestPhase),
            ["chartWide"] = new Markup(() => closeUp is null ? "" : TimelineChart.Draw(data, Frame(closeUp.Value, $"recovery-{index}-wide", ChartSection.Wide, zero, title))),
            ["chartNarrow"] = new Markup(() => closeUp is null ? "" : TimelineChart.Draw(data, Frame(closeUp.Value, $"recovery-{index}-narrow", ChartSection.Narrow, zero, title))),
            ["isDrawn"] = closeUp is not null,
            ["file"] = pictures.Add($"recovery-{index + 1}.svg", () => closeUp is null ? null : TimelineChart.Draw(
                data, Frame(closeUp.Value, $"recovery-{index}", ChartSection.Wide, zero, title) with { Style = ChartStyle.StandAlone })),
            ["hasPhases"] = bars.Count > 0,
            ["phasesWide"] = new Markup(() => Waterfall($"phases-{index}-wide", ChartSection.Wide)),
            ["phasesNarrow"] = new Markup(() => Waterfall($"phases-{index}-narrow", ChartSection.Narrow)),
            ["phasesFile"] = pictures.Add($"phases-{index + 1}.svg", () => Waterfall($"phases-{index}", ChartSection.Wide, ChartStyle.StandAlone)),
            ["marks"] = Marks(recovery, zero),
        };
    }

    private static List<object?> Marks(Recovery recovery, TimeSpan zero)
    {
        List<object?> rows = [];
        RecoveryMark? before = null;
        foreach (var mark in recovery.Marks.OrderBy(m => m.At))
        {
            // A failed probe is a witness, not a phase: the cluster did not stop for it.
            var isPhase = before is not null && mark.Name != FirstFailedProbe;
            rows.Add(new Fields
            {
                ["name"] = Plain.Line(mark.Name),
                ["since"] = Figures.Since(mark.At - zero),
                ["took"] = isPhase ? Figures.Seconds(mark.At - before!.At) : "",
                ["detail"] = Plain.Line(mark.Detail),
                ["isCostliest"] = isPhase && IsCostliest(recovery, before!, mark),
            });
            before = mark.Name == FirstFailedProbe ? before : mark;
        }

        return rows;
    }

    // Holding until it counts as stable is no phase: it would dwarf the others.
    private static List<WaterfallBar> Bars(Recovery recovery)
    {
        List<RecoveryMark> path = [.. recovery.Marks.Where(m => m.Name is not (Stable or FirstFailedProbe)).OrderBy(m => m.At)];
        return
        [
            .. path.Zip(path.Skip(1)).Where(p => p.Second.At > p.First.At)
                .Select(p => new WaterfallBar($"{Plain.Line(p.First.Name)} → {Plain.Line(p.Second.Name)}", p.First.At, p.Second.At, IsCostliest(recovery, p.First, p.Second))),
        ];
    }

    private static bool IsCostliest(Recovery recovery, RecoveryMark from, RecoveryMark to) => recovery.CostliestPhase == $"{from.Name} → {to.Name}";

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

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
