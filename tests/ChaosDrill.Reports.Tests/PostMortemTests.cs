using System.Text.RegularExpressions;
using System.Xml.Linq;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Templates;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed partial class PostMortemTests
{
    private const string Hostile = "<script>alert(1)</script> | `x` {{head.id}} [a](http://evil.example) ![i](http://evil.example/i.png) \"q' <img src=x onerror=y> \u0007\u202E";

    public static TheoryData<string> Sorts => [.. Gallery.All.Keys];

    [Theory]
    [InlineData("pass")]
    [InlineData("fail")]
    [InlineData("refused")]
    [InlineData("died")]
    public void Markdown_OfEachSort_IsAsApproved(string sort)
    {
        var (record, judgement) = Gallery.All[sort];

        ApprovedText.Matches(sort + ".md", PostMortem.Markdown(record, judgement, TemplateFolder.Shipped, pictures: new Dictionary<string, string>()));
    }

    [Fact]
    public void Ledger_IsPlannedCountedAndReadBack()
    {
        var (record, judgement) = Gallery.All["pass"];
        var (header, last) = (record.Header, record.Timeline.Count);
        record = record with
        {
            Header = header with { Plan = header.Plan with { Ledger = "an entry every 100ms in config maps of namespace shop" } },
            Timeline =
            [
                .. record.Timeline,
                new TimelineEntry(last + 1, TimeSpan.FromSeconds(9), new LedgerWritten(1, [new LedgerEntry(0, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(9), EntryOutcome.Acknowledged)])),
                new TimelineEntry(last + 2, TimeSpan.FromSeconds(10), new LedgerRead(1, [new NumberRange(0, 6), new NumberRange(9, 12)])),
                new TimelineEntry(last + 3, TimeSpan.FromSeconds(10), new FigureMeasured(Model.Plans.PlannedStep.Ledger, FigureNames.LostEntries, MeasureUnit.Count, new MeasuredValue(1, 2, 2, 2, "missing of 13 acknowledged: 7 to 8"))),
            ],
        };

        foreach (var page in (string[])[PostMortem.Markdown(record, judgement, TemplateFolder.Shipped), PostMortem.Html(record, judgement, TemplateFolder.Shipped)])
        {
            Assert.Contains("Ledger: an entry every 100ms in config maps of namespace shop.", page, StringComparison.Ordinal);
            Assert.Contains("entries that are there: 0 to 6, 9 to 12", page, StringComparison.Ordinal);
            Assert.Contains("missing of 13 acknowledged: 7 to 8", page, StringComparison.Ordinal);
            Assert.DoesNotContain("LedgerWritten", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1, "team-a", "team-b")]
    [InlineData(2, "team-a #1", "team-b #1")]
    public void Values_OfSeveralThingsAtOnce_AreToldApartByThem(int repeat, params string[] labels)
    {
        var (record, judgement) = Gallery.All["pass"];
        record = record with { Header = record.Header with { Plan = record.Header.Plan with { Repeat = repeat } } };
        var measure = new Measure(MeasureUnit.Seconds, [.. ((string[])["team-a", "team-b"]).Select(n => new MeasuredValue(1, 3, 3, 3, null) { Subject = n })]);
        judgement = judgement with { Objectives = [judgement.Objectives[0] with { Measure = measure }] };

        foreach (var label in labels)
        {
            Assert.Contains($"- {label}: 3.00 s\n", PostMortem.Markdown(record, judgement, TemplateFolder.Shipped).Replace("\\#", "#", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains($"<span class=\"n\">{label}</span> 3.00 s", PostMortem.Html(record, judgement, TemplateFolder.Shipped), StringComparison.Ordinal);
            Assert.Contains($"{label}: 3.00 s", JUnit.Xml(record, judgement), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Sorts))]
    public void Html_OfEachSort_IsOneWellFormedPageThatNeedsNothingElse(string sort)
    {
        var (record, judgement) = Gallery.All[sort];

        Check(PostMortem.Html(record, judgement, TemplateFolder.Shipped));
    }

    [Theory]
    [InlineData("pass", "Pass")]
    [InlineData("fail", "Fail")]
    [InlineData("inconclusive", "Inconclusive")]
    [InlineData("aborted", "Aborted")]
    [InlineData("refused", "Refused")]
    [InlineData("died", "Inconclusive - the process died")]
    public void Html_OfEachSort_SaysTheOutcome(string sort, string headline)
    {
        var (record, judgement) = Gallery.All[sort];
        var page = XDocument.Parse(PostMortem.Html(record, judgement, TemplateFolder.Shipped));

        Assert.Equal(headline, ByClass(page, "outcome").Value);
    }

    [Theory]
    [MemberData(nameof(Sorts))]
    public void Html_JudgedByTheModel_IsOneWellFormedPage(string sort)
    {
        var record = Gallery.All[sort].Record;

        Check(PostMortem.Html(record, Judge.Of(record), TemplateFolder.Shipped));
    }

    [Fact]
    public void Markdown_WatchThatWasNeverHeardAgain_IsAGapToTheEnd()
    {
        var drill = new SampleDrill().Begin().Stage(0, DrillStage.Steps).Probe(0, 10);
        drill.Add(4, new ObservationInterrupted("watch pods shop", TimeSpan.FromSeconds(3.5), "connection reset"));

        var markdown = PostMortem.Markdown(drill.Record(10), Gallery.Refused().Judgement, TemplateFolder.Shipped);

        Assert.Contains("- +3.500 s for 6.50 s: watch pods shop; it was never heard again; connection reset", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_SomethingLeftBehind_AsksForAPerson()
    {
        var (record, judgement) = Gallery.Aborted();

        var page = XDocument.Parse(PostMortem.Html(record, judgement, TemplateFolder.Shipped));

        Assert.Contains("A person is needed: not everything was put back.", ByClass(page, "alarm").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_HostileTextEverywhere_StaysText()
    {
        var (record, judgement) = HostileDrill();

        var html = PostMortem.Html(record, judgement, TemplateFolder.Shipped);
        var markdown = PostMortem.Markdown(record, judgement, TemplateFolder.Shipped);

        Check(html);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);

        // Inside the fence of the scenario everything is text; outside, nothing may begin HTML, a link or a cell.
        var body = markdown[..markdown.IndexOf("## Appendix", StringComparison.Ordinal)];
        Assert.DoesNotContain("<script", body, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", body, StringComparison.Ordinal);
        Assert.DoesNotContain("](http", body.Replace("\\]", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.All(Tables(body), table => Assert.Single(table.Select(Cells).Distinct()));
        Assert.Contains("````yaml\n", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_SecretsInTheRecord_AreHidden()
    {
        var (record, judgement) = Gallery.Pass();
        record = record with
        {
            Header = record.Header with { Source = record.Header.Source with { Text = "headers: { Authorization: Bearer hunter2hunter2 }\n" } },
            Timeline = [.. record.Timeline, new TimelineEntry(9999, TimeSpan.FromSeconds(20), new Note("password=hunter2hunter2"))],
        };

        string[] documents =
        [
            PostMortem.Html(record, judgement, TemplateFolder.Shipped), PostMortem.Markdown(record, judgement, TemplateFolder.Shipped),
            DrillDocument.Json(record, judgement), JUnit.Xml(record, judgement), .. Drawings(record, judgement).Values,
        ];

        Assert.All(documents, document => Assert.DoesNotContain("hunter2", document, StringComparison.Ordinal));
    }

    [Fact]
    public void Documents_TenThousandEntriesOfEachKind_StayReadable()
    {
        var drill = new SampleDrill().Begin().Stage(0, DrillStage.Steps);
        drill.Probe(0, 1000, slot => slot % 2 == 0 ? new ProbeSlotMissed("storefront", slot, TimeSpan.FromSeconds(slot * 0.1), "busy") : null);
        for (var i = 0; i < 10_000; i++)
        {
            drill.Add(i * 0.1, new PodObserved(SampleDrill.Storefront, $"pod-{i}", $"uid-{i}", (PodMilestone)(i % 4), "n1"));
            drill.Add(i * 0.1, new WorkloadObserved(SampleDrill.Storefront, 3, i % 4, 3));
            drill.Add(i * 0.1, new ClusterEventSeen($"pod/pod-{i}", "BackOff", "back-off restarting", null));
        }

        var (_, judgement) = Gallery.Pass();
        var record = drill.Record(1000);

        var html = PostMortem.Html(record, judgement with { Recoveries = [] }, TemplateFolder.Shipped);
        var markdown = PostMortem.Markdown(record, judgement with { Recoveries = [] }, TemplateFolder.Shipped);

        Assert.InRange(markdown.Length, 5_000, 120_000);
        Assert.InRange(Drawings(record, judgement with { Recoveries = [] })["timeline.svg"].Length, 1_000, 500_000);
        Assert.Contains("These are the key lines of 40,001; the page (postmortem.html) has more of them", markdown, StringComparison.Ordinal);
        Check(html);

        // The page opens with what a person reads; every single line is there, folded away.
        var page = XDocument.Parse(html);
        var folded = page.Descendants().Where(e => e.Name.LocalName == "details").ToList();
        Assert.Equal(100, folded.Count);
        Assert.Contains("without the last 15,001, which drill.json has", html, StringComparison.Ordinal);
        Assert.Equal(25_000, folded.Descendants().Count(e => e.Name.LocalName == "a"));
        Assert.InRange(page.Descendants().Count(e => e.Name.LocalName == "a") - 25_000, 100, 500);
    }

    [Fact]
    public void Html_ThousandRepetitions_ShowsTheSlowestAndTheSpread()
    {
        var drill = new SampleDrill { Repeat = 1000 }.Begin().Stage(0, DrillStage.Steps);
        for (var i = 1; i <= 1000; i++)
        {
            drill.Kill(i * 20, i, 3 + (i * 0.001));
        }

        var (_, judgement) = Gallery.Pass();
        var measure = new Measure(MeasureUnit.Seconds, [.. drill.Recoveries.Select(r => r.Time)]);
        judgement = judgement with
        {
            Recoveries = drill.Recoveries,
            Objectives = [judgement.Objectives[0] with { Measure = measure }],
        };

        var html = PostMortem.Html(drill.Record(20_040), judgement, TemplateFolder.Shipped);

        Assert.InRange(html.Length, 10_000, 8_000_000);
        Assert.Contains("The 6 slowest of 1000 recoveries.", html, StringComparison.Ordinal);
        Assert.Contains("<dt>n</dt><dd>1000</dd>", html, StringComparison.Ordinal);
        Check(html);
    }

    [Fact]
    public void Markdown_ZoneThatThisMachineDoesNotKnow_FallsBackToUtc()
    {
        var (record, judgement) = Gallery.Pass();
        record = record with { Header = record.Header with { TimeZone = "Mars/Olympus_Mons" } };

        var markdown = PostMortem.Markdown(record, judgement, TemplateFolder.Shipped);

        Assert.Contains("| Began | 2026-11-21 02:59:58 UTC |", markdown, StringComparison.Ordinal);
        Assert.Contains("| Since start | UTC | What | Detail |", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_DrillOverMidnight_GivesTheDay()
    {
        var drill = new SampleDrill().Begin(h => h with { StartedAt = new DateTimeOffset(2026, 11, 21, 22, 59, 50, TimeSpan.Zero) }).Stage(0, DrillStage.Preflight).Stage(20, DrillStage.Ended);
        var (_, judgement) = Gallery.Refused();

        var markdown = PostMortem.Markdown(drill.Record(20), judgement, TemplateFolder.Shipped);

        Assert.Contains("| 23:00:10.000 | 2026-11-22 00:00:10.000 |", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_EmptyRecord_AreWritten()
    {
        var record = new SampleDrill().Begin().Record(0, ending: null);
        var (_, judgement) = Gallery.Died();

        Check(PostMortem.Html(record, judgement, TemplateFolder.Shipped));
        Assert.Contains("Nothing was observed that could be drawn.", PostMortem.Markdown(record, judgement, TemplateFolder.Shipped), StringComparison.Ordinal);
        Assert.Empty(Drawings(record, judgement with { Recoveries = [] }));
    }

    private static Dictionary<string, string> Drawings(DrillRecord record, Judgement judgement)
    {
        Dictionary<string, string> drawings = [];
        PostMortem.Markdown(record, judgement, TemplateFolder.Shipped, pictures: drawings);
        return drawings;
    }

    private static (DrillRecord Record, Judgement Judgement) HostileDrill()
    {
        var drill = new SampleDrill { PodName = Hostile }.Begin(h => h with
        {
            Id = Hostile,
            Scenario = Hostile,
            Description = Hostile,
            Labels = new Dictionary<string, string> { [Hostile] = Hostile },
            Source = h.Source with { File = Hostile, Text = "```\n" + Hostile },
            ToolVersion = Hostile,
            Plan = h.Plan with
            {
                Namespace = Hostile,
                Cluster = h.Plan.Cluster with { Name = Hostile, IsTwin = false },
                Steps = [h.Plan.Steps[0] with { Name = Hostile, Summary = Hostile, Undo = Hostile }],
            },
            Probes = [h.Probes[0] with { Summary = Hostile }],
        }).Stage(0, DrillStage.Steps).Kill(4, 1, 3, outage: 1);
        drill.Add(5, new Note(Hostile)).Add(5.1, new GuardTripped(Hostile, Hostile)).Add(5.2, new AbortRequested(Hostile));
        drill.Add(5.3, new UndoRecorded("u", 0, Hostile)).Add(5.4, new UndoFinished("u", false, Hostile));
        drill.Add(5.5, new ObservationGap(Hostile, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.5), true, Hostile));
        drill.Add(5.6, new ProbeSampled(Hostile, 1, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), SampleOutcome.Failure, Hostile));
        drill.Add(5.7, new ClusterEventSeen(Hostile, Hostile, Hostile, Hostile)).SteadyState(6, DrillStage.SteadyStateAfter, null, reason: Hostile);
        drill.Probe(0, 8);
        var (_, judgement) = Gallery.Fail();
        return (drill.Record(9, DrillEnding.Aborted, Hostile), judgement with
        {
            Reason = Hostile,
            Recoveries = [.. drill.Recoveries.Select(r => r with { CostliestPhase = Hostile, Time = r.Time with { Remark = Hostile } })],
            Objectives = [.. judgement.Objectives.Select(o => o with { Reason = Hostile })],
        });
    }

    private static void Check(string html)
    {
        var page = XDocument.Parse(html);
        var elements = page.Descendants().ToList();
        Assert.DoesNotContain(elements, e => e.Name.LocalName is "script" or "link" or "iframe" or "img" or "object" or "embed");

        // Into the page, or to the evidence that lies beside it; the browser asks for the latter only when somebody clicks.
        Assert.All(elements.Attributes().Where(a => a.Name.LocalName is "href" or "src" or "xlink:href"), a => Assert.Matches(@"^(#|drill\.json#L[0-9]+\z)", a.Value));
        Assert.DoesNotContain(elements.Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotMatch(ExternalStyle(), html);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);

        var ids = elements.Attributes("id").Select(a => a.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var links = elements.Attributes("href").Where(a => a.Value[0] == '#').Select(a => a.Value[1..]);
        Assert.Subset(ids.ToHashSet(), links.ToHashSet());

        // Every drawing has words, and words that are there.
        foreach (var drawing in elements.Where(e => e.Name.LocalName == "svg"))
        {
            Assert.All(drawing.Attribute("aria-labelledby")!.Value.Split(' '), id => Assert.Contains(id, ids));
            Assert.NotEmpty(drawing.Elements().Single(e => e.Name.LocalName == "title").Value);
            Assert.NotEmpty(drawing.Elements().Single(e => e.Name.LocalName == "desc").Value);
        }

        // Headings do not skip a level.
        var levels = elements.Where(e => e.Name.LocalName is "h1" or "h2" or "h3" or "h4").Select(e => e.Name.LocalName[1] - '0').ToList();
        Assert.Equal(1, levels[0]);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
    }

    private static XElement ByClass(XDocument page, string name) =>
        page.Descendants().First(e => e.Attribute("class")?.Value.Split(' ').Contains(name) == true);

    private static IEnumerable<List<string>> Tables(string markdown)
    {
        List<string> table = [];
        foreach (var line in markdown.Split('\n'))
        {
            if (line.StartsWith('|'))
            {
                table.Add(line);
            }
            else if (table.Count > 0)
            {
                yield return table;
                table = [];
            }
        }
    }

    private static int Cells(string row) => UnescapedBar().Count(row);

    [GeneratedRegex(@"(?<!\\)(?:\\\\)*\|")]
    private static partial Regex UnescapedBar();

    [GeneratedRegex(@"url\(\s*['""]?(?!#)|@import", RegexOptions.IgnoreCase)]
    private static partial Regex ExternalStyle();
}
