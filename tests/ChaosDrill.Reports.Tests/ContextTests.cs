using System.Text.RegularExpressions;
using ChaosDrill.Model.Drills;
using ChaosDrill.Reports.Templates;
using Xunit;

namespace ChaosDrill.Reports.Tests;

/// <summary>What a post-mortem shows beside the drill: earlier drills, the budget, what people wrote, where the evidence is.</summary>
public sealed class ContextTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_Again_KeepsWhatPeopleWroteAndShowsItInThePage()
    {
        var (record, judgement) = Gallery.Fail();
        ReportFolder.Write(folder.Path, record, judgement, TemplateFolder.Shipped);
        var file = Path.Combine(folder.Path, "postmortem.md");
        File.WriteAllText(file, File.ReadAllText(file).Replace("*to fill in: who noticed, what was lost, for how long*", "Ada's <b>cart</b> {{head.id}}\nwas lost.", StringComparison.Ordinal));

        ReportFolder.Write(folder.Path, record, judgement, TemplateFolder.Shipped);

        Assert.Contains("<!-- fill-in: impact -->\nAda's <b>cart</b> {{head.id}}\nwas lost.\n<!-- /fill-in -->", File.ReadAllText(file), StringComparison.Ordinal);
        var page = File.ReadAllText(Path.Combine(folder.Path, "postmortem.html"));
        Assert.Contains("<div class=\"filled\">Ada&#39;s &lt;b&gt;cart&lt;/b&gt; {{head.id}}\nwas lost.</div>", page, StringComparison.Ordinal);
        Assert.Contains("<h3>Detection</h3><p>to fill in", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MarksOfThePartsBroken_OverwritesNothing()
    {
        var (record, judgement) = Gallery.Pass();
        var file = folder.Write("postmortem.md", "<!-- fill-in: impact -->\nmuch\n");

        var refused = Assert.Throws<ReportException>(() => ReportFolder.Write(folder.Path, record, judgement, TemplateFolder.Shipped));

        Assert.Contains("postmortem.md: line 1: the part \"impact\" is never closed", refused.Message, StringComparison.Ordinal);
        Assert.Equal("<!-- fill-in: impact -->\nmuch\n", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("pass")]
    [InlineData("fail")]
    [InlineData("died")]
    public void EventRow_LinksToTheLineOfItsEntry(string sort)
    {
        var (record, judgement) = Gallery.All[sort];
        var lines = DrillDocument.Json(record, judgement).Split('\n');

        var links = Regex.Matches(PostMortem.Markdown(record, judgement, TemplateFolder.Shipped), @"\[([\d,]+)[^\]]*\]\(drill\.json#L(\d+)\)");

        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.StartsWith(
            $$"""    {"sequence":{{link.Groups[1].Value.Replace(",", "", StringComparison.Ordinal)}},""", lines[int.Parse(link.Groups[2].Value) - 1], StringComparison.Ordinal));
    }

    [Fact]
    public void Html_WithEarlierDrills_ShowsTheirMedianTheTrendAndTheCalendar()
    {
        var (record, judgement) = Gallery.Pass();
        var page = PostMortem.Html(record, judgement, TemplateFolder.Shipped, new PostMortemContext { Earlier = Nights(record, judgement, 30) });

        Assert.Contains("30 earlier drills of this scenario on this cluster", page, StringComparison.Ordinal);
        Assert.Contains("id=\"trend-0-wide-title\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"calendar-title\"", page, StringComparison.Ordinal);
        Assert.Contains("within what earlier drills showed", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_EarlierDrillsOfAnotherClusterOrClock_AreNotCompared()
    {
        var (record, judgement) = Gallery.Pass();
        var others = Nights(record, judgement, 5).Select((n, i) => (n.Header with
        {
            VirtualTime = i % 2 == 0 ? !record.Header.VirtualTime : record.Header.VirtualTime,
            Plan = n.Header.Plan with { Cluster = n.Header.Plan.Cluster with { Name = i % 2 == 0 ? n.Header.Plan.Cluster.Name : "elsewhere" } },
        }, n.Judgement));

        Assert.Contains(
            "This is the first drill of this scenario on this cluster that the store knows.",
            PostMortem.Markdown(record, judgement, TemplateFolder.Shipped, context: new PostMortemContext { Earlier = [.. others] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Budget_FailedSamples_AreCountedAndAlertsNeverClaimedAsSeen()
    {
        // 63 failed samples, 100 ms each, of 0.5% of 30 days; the fastest page needs 4.32 min of failures.
        var (record, judgement) = Gallery.Fail();
        var text = PostMortem.Markdown(record, judgement, TemplateFolder.Shipped);

        Assert.Matches(@"the drill spent 6\.\d+ s of 3 h 36 min 0 s, the budget of 30 days, which is \*\*0\.05%\*\*", text);
        Assert.Contains("| page: 14.4x over 1 h and 5 min | more than 4 min 19.2 s failing within 1 h | 6.", text, StringComparison.Ordinal);
        Assert.Equal(4, Regex.Count(text, "not observed by this drill"));
        Assert.DoesNotContain("should have fired at", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(DrillSchemaTests.Sorts), MemberType = typeof(DrillSchemaTests))]
    public void Chat_OfEverySort_IsOneParagraphThatPingsNobody(string sort)
    {
        var (record, judgement) = Gallery.All[sort];
        var text = ChatText.Of(record, judgement with { Reason = judgement.Reason + " says @channel <!here> <https://evil.example|click>\n# now" });

        Assert.Equal(1, text.AsSpan().Count('\n'));
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.All(["@channel", "<!", "<http"], call => Assert.DoesNotContain(call, text, StringComparison.Ordinal));
        Assert.Equal(!judgement.UndoComplete, text.Contains("NOT everything was put back", StringComparison.Ordinal));
    }

    internal static IReadOnlyList<(DrillHeader Header, Judgement Judgement)> Nights(DrillRecord record, Judgement judgement, int count)
    {
        var random = new Random(7);
        return
        [
            .. Enumerable.Range(1, count).Select(i =>
            {
                var seconds = i == 9 ? 19.4 : 2.6 + (random.NextDouble() * 1.4);
                var result = judgement.Objectives[0];
                return (
                    record.Header with { Id = $"night-{i}", StartedAt = record.Header.StartedAt.AddDays(-i) },
                    judgement with
                    {
                        Outcome = i == 9 ? DrillOutcome.Fail : i == 14 ? DrillOutcome.Inconclusive : DrillOutcome.Pass,
                        Objectives = [result with { Measure = result.Measure with { Values = [new Model.Measures.MeasuredValue(1, seconds, seconds, seconds, null)] } }, .. judgement.Objectives.Skip(1)],
                    });
            }),
        ];
    }
}
