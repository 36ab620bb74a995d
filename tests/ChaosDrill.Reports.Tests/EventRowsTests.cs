using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Postmortems;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class EventRowsTests
{
    [Fact]
    public void Of_ProbeThatFailsInBetween_HasThreeLines()
    {
        var drill = new SampleDrill().Begin();
        drill.Probe(0, 100, slot => slot is >= 500 and < 503
            ? new ProbeSampled("storefront", slot, At(slot), At(slot), SampleOutcome.Failure, slot == 500 ? "timeout" : "503")
            : null);

        Assert.Equal(
            ["Probe storefront succeeds: 500 samples", "Probe storefront fails: 3 samples", "Probe storefront succeeds: 497 samples"],
            Rows(drill).Select(r => r.What));
        Assert.Equal("2x 503; 1x timeout", Rows(drill)[1].Detail);
    }

    [Fact]
    public void Key_ProbeThatFlapsAllTheTime_IsToldInStretches()
    {
        var drill = new SampleDrill().Begin();
        drill.Probe(0, 1000, slot => slot % 2 == 0 ? new ProbeSampled("storefront", slot, At(slot), At(slot), SampleOutcome.Failure, "503") : null);

        var key = EventRows.Key(Facts(drill));

        Assert.InRange(key.Count, 2, ProbeRuns.MostPerProbe);
        Assert.All(key, r => Assert.Equal("Probe storefront comes and goes", r.What));
        Assert.Equal(10_000, Rows(drill).Count);
    }

    [Fact]
    public void Of_MissedSlots_AreNeitherSuccessNorFailure()
    {
        var drill = new SampleDrill().Begin();
        drill.Probe(0, 1, slot => slot is 4 or 5 ? new ProbeSlotMissed("storefront", slot, At(slot), "busy") : null);

        Assert.Equal(
            [EventKind.Good, EventKind.Unknown, EventKind.Good],
            Rows(drill).Select(r => r.Kind));
        Assert.Equal("Probe storefront missed 2 slots", Rows(drill)[1].What);
    }

    [Fact]
    public void Of_TwoProbesAtOnce_AreToldApart()
    {
        var drill = new SampleDrill().Begin();
        drill.Probe(0, 1);
        for (var slot = 0; slot < 10; slot++)
        {
            drill.Add(slot * 0.1, new ProbeSampled("checkout", slot, At(slot), At(slot), SampleOutcome.Unknown, "no route"));
        }

        Assert.Equal(
            ["Probe checkout could not ask: 10 samples", "Probe storefront succeeds: 10 samples"],
            Rows(drill).Select(r => r.What).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Key_ManyPodsAtOnce_AreOneLine()
    {
        var drill = new SampleDrill().Begin();
        for (var i = 0; i < 1000; i++)
        {
            drill.Add(1 + (i * 0.001), new PodObserved(SampleDrill.Storefront, $"pod-{i}", $"uid-{i}", PodMilestone.Ready));
        }

        Assert.Equal(1000, Rows(drill).Count);
        var row = Assert.Single(PodRuns.Rows(Facts(drill)));
        Assert.Equal("1,000 pods of deployment/storefront ready", row.What);
        Assert.Equal("pod-0, pod-1, pod-2 and 997 more", row.Detail);
    }

    private static TimeSpan At(long slot) => TimeSpan.FromSeconds(slot * 0.1);

    private static IReadOnlyList<EventRow> Rows(SampleDrill drill) => EventRows.All(Facts(drill));

    private static DrillFacts Facts(SampleDrill drill) => new(drill.Record(1000), Gallery.Refused().Judgement);
}
