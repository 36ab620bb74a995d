using System.Globalization;
using System.Xml.Linq;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Postmortems;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class ChartTests
{
    [Fact]
    public void Timeline_OneFailureAmongTenThousand_IsSeen()
    {
        var drill = new SampleDrill().Begin();
        drill.Probe(0, 1000, slot => slot == 4321 ? new ProbeSampled("storefront", slot, At(slot), At(slot), SampleOutcome.Failure, "503") : null);

        var failure = Strip(Draw(drill, 1000), "cd-failure").Single();

        Assert.True(Number(failure, "width") >= 2);
    }

    [Fact]
    public void Timeline_MissedAndUnknownSlots_AreNotDrawnAsAnswers()
    {
        var drill = new SampleDrill().Begin();
        drill.Probe(0, 10, slot => slot switch
        {
            < 20 => null,
            < 40 => new ProbeSlotMissed("storefront", slot, At(slot), "busy"),
            < 60 => new ProbeSampled("storefront", slot, At(slot), At(slot), SampleOutcome.Unknown, "no route"),
            _ => null,
        });

        var chart = Draw(drill, 10);

        Assert.Single(Strip(chart, "cd-missed"));
        Assert.Single(Strip(chart, "cd-unknown"));
        Assert.Equal(2, Strip(chart, "cd-success").Count());
        Assert.Empty(Strip(chart, "cd-failure"));
    }

    [Fact]
    public void Timeline_Gap_IsHatchedOverItsTime()
    {
        var drill = new SampleDrill().Begin().Probe(0, 10);
        drill.Add(6, new ObservationGap("watch", TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6), true, "410"));

        var gap = Strip(Draw(drill, 10), "cd-gap").Single();

        Assert.Equal(176, Number(gap, "width"), 0.1);
        Assert.Equal("url(#timeline-gap)", gap.Attribute("fill")!.Value);
    }

    [Fact]
    public void Timeline_ReadyPods_StepWhereTheyChange()
    {
        var drill = new SampleDrill().Begin()
            .Add(0, new WorkloadObserved(SampleDrill.Storefront, 2, 2, 2))
            .Add(5, new WorkloadObserved(SampleDrill.Storefront, 2, 1, 2))
            .Add(10, new WorkloadObserved(SampleDrill.Storefront, 2, 2, 2));

        var path = Draw(drill, 10).Descendants().First(e => e.Name.LocalName == "path" && e.Attribute("class")!.Value == "cd-ready").Attribute("d")!.Value;

        Assert.Matches(@"^M46,[\d.]+H486H486V[\d.]+H926$", path);
    }

    [Theory]
    [InlineData(0.5, "0 s,50 ms,100 ms,150 ms")]
    [InlineData(20, "0 s,2 s,4 s,6 s")]
    [InlineData(200, "0 s,30 s,1 min,1:30 min")]
    [InlineData(7200, "0 s,15 min,30 min,45 min")]
    [InlineData(864000, "0 s,24:00 h,48:00 h,72:00 h")]
    public void Ticks_OfAnyLength_AreRoundAndFit(double seconds, string first)
    {
        var axis = new TimeAxis(TimeSpan.Zero, TimeSpan.FromSeconds(seconds), 46, 926);

        var ticks = axis.Ticks(TimeSpan.Zero);

        Assert.Equal(first, string.Join(',', ticks.Take(4).Select(t => t.Label)));
        Assert.InRange(ticks.Count, 4, 12);
    }

    [Fact]
    public void TextTimeline_OfADrill_ShowsWorstPerColumn()
    {
        var (record, judgement) = Gallery.Pass();

        var text = TextTimeline.Draw(new ChartData(new DrillFacts(record, judgement)));

        Assert.Contains("deployment/storefront  3333", text, StringComparison.Ordinal);
        Assert.Contains("3222", text, StringComparison.Ordinal);
        Assert.Contains(".x", text, StringComparison.Ordinal);
        Assert.Contains("rE", text, StringComparison.Ordinal);
    }

    private static TimeSpan At(long slot) => TimeSpan.FromSeconds(slot * 0.1);

    [Fact]
    public void Waterfall_Phases_LieWhereTheyLayInTimeAndTheCostliestStandsOut()
    {
        var chart = XDocument.Parse(WaterfallChart.Draw(
            [new("a → b", TimeSpan.Zero, TimeSpan.FromSeconds(1), false), new("b → c", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), true)],
            "w", 940, "Phases", "time", TimeSpan.Zero));

        var (first, second) = (Strip(chart, "cd-phase").Single(), Strip(chart, "cd-costliest").Single());
        Assert.Equal(Number(first, "x") + Number(first, "width"), Number(second, "x"), 0.11);
        Assert.Equal(3 * Number(first, "width"), Number(second, "width"), 0.3);
        Assert.Equal("a → b: 1.00 s, b → c: 3.00 s.", chart.Root!.Elements().Single(e => e.Name.LocalName == "desc").Value);
    }

    private static XDocument Draw(SampleDrill drill, double length)
    {
        Dictionary<string, string> drawings = [];
        PostMortem.Markdown(drill.Record(length), Gallery.Refused().Judgement, Templates.TemplateFolder.Shipped, pictures: drawings);
        return XDocument.Parse(drawings["timeline.svg"]);
    }

    // The legend draws the same shapes, 18 units wide.
    private static IEnumerable<XElement> Strip(XDocument chart, string name) => chart.Descendants()
        .Where(e => e.Name.LocalName == "rect" && e.Attribute("class")?.Value == name && Number(e, "width") != 18);

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
