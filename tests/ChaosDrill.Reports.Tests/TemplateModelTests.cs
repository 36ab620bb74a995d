using System.Text;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Playbooks;
using ChaosDrill.Reports.Postmortems;
using ChaosDrill.Reports.Templates;
using Xunit;

namespace ChaosDrill.Reports.Tests;

/// <summary>The page that documents what templates are given is made from what they are given, and checks them; CHAOSDRILL_UPDATE=1 writes it anew.</summary>
public sealed class TemplateModelTests
{
    private const string Introduction =
        """
        # What templates are given

        This page is made from the values that documents of every sort are filled with; `chaosdrill template check` holds templates
        against it. `[]` is a list: go through it with `{{#each}}`. `*` stands for names of your own, such as kinds of steps.

        Texts are encoded before a template sees them, so `{{name}}` and `{{{name}}}` write the same and nothing in a name can become
        markup. Markup is a drawing or a style sheet that ChaosDrill has made; code is for a fence of a Markdown document, and in a
        page it is a text like any other.

        """;

    [Fact]
    public void ModelPage_InRepository_IsCurrent()
    {
        SortedDictionary<string, string> reports = new(StringComparer.Ordinal);
        foreach (var (record, judgement) in (IEnumerable<(DrillRecord, Judgement)>)[.. Gallery.All.Values, Long(), Restore()])
        {
            Walk("", PostMortem.Model(
                record, judgement, new PostMortemContext { Earlier = ContextTests.Nights(record, Gallery.Pass().Judgement, 3), Filled = new Dictionary<string, string> { ["impact"] = "…" } },
                new Dictionary<string, string>()), reports);
        }

        SortedDictionary<string, string> playbooks = new(StringComparer.Ordinal);
        var scenario = new DrilledScenario(
            new Scenario
            {
                ApiVersion = "chaosdrill.dev/v1", Kind = "Scenario", Origin = Gallery.Pass().Record.Header.Source, Metadata = new ScenarioMetadata { Name = "storefront-pod-kill" },
                Spec = new ScenarioSpec { Cluster = new ClusterSpec { Namespace = "shop" }, Steps = [], Objectives = [new Objective { Goal = new RestoreTimeGoal { AtMost = TimeSpan.FromMinutes(5) } }] },
            },
            new ClusterNames(
                new ClusterIdentity("staging", "https://10.0.0.1", "v1.36.2", false), "shop", SampleDrill.Storefront, "app=storefront", "storefront", ["node1"],
                [new Target("ConfigMap", "shop", "prices", "")]),
            [Gallery.Pass(), Restore()]);
        Walk("", Playbook.Model("application-failure", [scenario], scenario.Names, new DrillTimes(scenario.Drills)), playbooks);

        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        foreach (var (title, members) in (IEnumerable<(string, SortedDictionary<string, string>)>)[("Reports", reports), ("Playbooks", playbooks)])
        {
            page.Append($"## {title}\n\n| value | kind |\n| --- | --- |\n");
            foreach (var (path, kind) in members)
            {
                page.Append($"| `{path}` | {kind} |\n");
            }

            page.Append(title == "Reports" ? "\n" : "");
        }

        var file = Path.Combine(Root(), "docs", "reference", "template-model.md");
        if (Environment.GetEnvironmentVariable("CHAOSDRILL_UPDATE") == "1")
        {
            File.WriteAllText(file, page.ToString());
        }

        Assert.Equal(page.ToString(), File.ReadAllText(file));
    }

    // So many lines that the table is folded.
    private static (DrillRecord Record, Judgement Judgement) Long()
    {
        var drill = new SampleDrill().Begin().Probe(0, 60, slot => slot % 2 == 0 ? new ProbeSlotMissed("storefront", slot, TimeSpan.FromSeconds(slot * 0.1), "busy") : null);
        return (drill.Record(60), Gallery.Refused().Judgement);
    }

    private static (DrillRecord Record, Judgement Judgement) Restore()
    {
        var drill = new SampleDrill().Begin().Add(1, new StepStarted(0, 1)).Add(1.5, new PhaseReached(0, 1, PhaseNames.RestoreStarted, "scratch")).Add(4, new PhaseReached(0, 1, PhaseNames.Verified));
        drill.Add(5, new CheckMade(0, 1, "marker before the backup is present", true, "seen")).Add(5, new FigureMeasured(0, FigureNames.DataLoss, MeasureUnit.Seconds, new MeasuredValue(1, 2, 1, 3, "r")));
        var measure = new Measure(MeasureUnit.Seconds, [new MeasuredValue(1, 3, 2, 4, null)]);
        var judgement = Gallery.Pass().Judgement with
        {
            Objectives =
            [
                new(new RestoreTimeGoal { AtMost = TimeSpan.FromMinutes(5) }, measure, Verdict.Pass, "in time"), new(new DataLossGoal { AtMost = TimeSpan.FromMinutes(1) }, measure, Verdict.Pass, "little"),
                new(new BackupAgeGoal { AtMost = TimeSpan.FromHours(26) }, measure, Verdict.Pass, "young"),
            ],
        };
        return (drill.Add(5, new StepEnded(0, 1, StepOutcome.Done, null)).Record(6), judgement);
    }

    private static void Walk(string path, object? value, SortedDictionary<string, string> members)
    {
        switch (value)
        {
            case Fields fields:
                foreach (var (name, member) in fields)
                {
                    var known = path is "human" or "times.steps" or "times.marks" ? "*" : name;
                    Walk(path.Length == 0 ? known : $"{path}.{known}", member, members);
                }

                break;
            case IEnumerable<object?> list:
                members.TryAdd(path + "[]", "list");
                foreach (var item in list)
                {
                    Walk(path + "[]", item, members);
                }

                break;
            default:
                var kind = value switch
                {
                    bool => "truth value",
                    int or long => "number",
                    null => "",
                    string => "text",
                    MarkupStream => "markup",
                    Markup markup => markup.IsCode ? "code" : "markup",
                    var other => throw new InvalidOperationException($"{path} is a {other.GetType()}: templates must not be given objects"),
                };
                members[path] = members.GetValueOrDefault(path) is { Length: > 0 } known2 && known2 != "list" ? known2 : kind.Length > 0 ? kind : members.GetValueOrDefault(path) ?? "";
                break;
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ChaosDrill.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside of the repository");
        }

        return folder;
    }
}
