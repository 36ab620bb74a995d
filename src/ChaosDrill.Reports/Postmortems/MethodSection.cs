using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>How the numbers were had, and what limits them.</summary>
internal static class MethodSection
{
    private const int MostGaps = 40;

    public static Fields Of(DrillFacts facts)
    {
        var samples = facts.Of<ProbeSampled>().ToLookup(s => s.Event.Probe, s => s.Event.Outcome);
        var missed = facts.Of<ProbeSlotMissed>().ToLookup(m => m.Event.Probe);
        var gaps = facts.BlindTimes;
        return new Fields
        {
            ["isVirtual"] = facts.Header.VirtualTime,
            ["watchDelay"] = facts.Judgement.WatchDelay is { } delay ? Figures.Seconds(delay) : null,
            ["probes"] = facts.Header.Probes.Select(p => (object?)new Fields
            {
                ["name"] = Plain.Line(p.Name),
                ["asks"] = Plain.Line(p.Summary),
                ["every"] = GoDuration.Format(p.Every),
                ["timeout"] = GoDuration.Format(p.Timeout),
                ["samples"] = Figures.Count(samples[p.Name].Count()),
                ["good"] = Figures.Count(samples[p.Name].Count(o => o == SampleOutcome.Success)),
                ["failed"] = Figures.Count(samples[p.Name].Count(o => o == SampleOutcome.Failure)),
                ["unknown"] = Figures.Count(samples[p.Name].Count(o => o == SampleOutcome.Unknown)),
                ["missed"] = Figures.Count(missed[p.Name].Count()),
            }).ToList(),
            ["gaps"] = gaps.Take(MostGaps).Select(g => (object?)new Fields
            {
                ["what"] = Plain.Line(g.What),
                ["from"] = Figures.Since(g.From),
                ["length"] = Figures.Seconds(g.To - g.From),
                ["effect"] = g.Effect,
                ["reason"] = Plain.Line(g.Reason),
            }).ToList(),
            ["moreGaps"] = gaps.Count > MostGaps ? Figures.Count(gaps.Count - MostGaps) : null,
        };
    }
}
