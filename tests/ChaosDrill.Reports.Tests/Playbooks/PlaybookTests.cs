using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Documents;
using ChaosDrill.Reports.Playbooks;
using ChaosDrill.Reports.Templates;
using Xunit;

namespace ChaosDrill.Reports.Tests.Playbooks;

public sealed class PlaybookTests
{
    private const string Disaster = "application-failure";

    private static readonly ClusterNames Names = new(
        new ClusterIdentity("staging", "https://10.0.0.1", "v1.36.2", false), "shop", new WorkloadReference("deployment", "storefront"), "app=storefront", "storefront", ["node1"], []);

    [Fact]
    public void Markdown_WithDrills_ShowsMedianP95NAndTheNewest()
    {
        var text = Playbook.Markdown(Disaster, [Drilled(Gallery.Pass(), Gallery.Fail())], Names, TemplateFolder.Playbooks);

        Assert.Contains("| storefront-pod-kill | From the effect to recovery | 7.13 s | 12.9 s | 4 | 2026-11-21 |", text, StringComparison.Ordinal);
        Assert.Contains("kubectl --context staging -n shop rollout undo deployment/storefront", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_DrillsThatDidNotEnd_CountForNothing()
    {
        var text = Playbook.Markdown(Disaster, [Drilled(Gallery.Aborted(), Gallery.Died(), Gallery.Refused())], Names, TemplateFolder.Playbooks);

        Assert.Contains("| storefront-pod-kill | nothing yet | - | - | 0 | never |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("n drills of", text, StringComparison.Ordinal);
        Assert.DoesNotContain("median", text[text.IndexOf("## 1.", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_NoScenario_SaysThatNothingWasProved() =>
        Assert.Contains("**nothing on this page was proved in a drill**", Playbook.Markdown("etcd-loss", [], Names, TemplateFolder.Playbooks), StringComparison.Ordinal);

    [Theory]
    [InlineData("prod; rm -rf /", "kubectl --context 'prod; rm -rf /' -n")]
    [InlineData("it's $(id)", """kubectl --context 'it'"'"'s $(id)' -n""")]
    [InlineData("a\n```\n# no fence ends here", "kubectl --context 'a ``` # no fence ends here' -n")]
    public void Markdown_HostileClusterName_StaysOneWordOfItsCommand(string cluster, string command)
    {
        var text = Playbook.Markdown(Disaster, [], Names with { Cluster = Names.Cluster with { Name = cluster } }, TemplateFolder.Playbooks);

        Assert.Contains(command, text, StringComparison.Ordinal);
        Assert.All(PlaybookCommand.Of(text), c => Assert.StartsWith("kubectl ", c.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Seal_OfAnotherState_SaysWhatChanged()
    {
        var before = PlaybookSeal.Read(Playbook.Markdown(Disaster, [Drilled(Gallery.Pass())], Names, TemplateFolder.Playbooks))!;
        var changed = Drilled(Gallery.Pass(), Gallery.Fail()) is var d ? d with { Scenario = d.Scenario with { Origin = d.Scenario.Origin with { Digest = "other" } } } : null!;
        var after = PlaybookSeal.Read(Playbook.Markdown(Disaster, [changed], Names with { Namespace = "store" }, TemplateFolder.Playbooks))!;

        Assert.Empty(before.StaleAgainst(before));
        Assert.Equal(["scenario storefront-pod-kill has changed", "namespace was \"shop\", is \"store\"", "newer drill of storefront-pod-kill: 1"], before.StaleAgainst(after));
    }

    [Fact]
    public void IsTouched_OnlyOutsideOfThePartsForPeople()
    {
        var text = Playbook.Markdown(Disaster, [], Names, TemplateFolder.Playbooks);
        var seal = PlaybookSeal.Read(text)!;
        var filled = text.Replace("- Owner of this playbook: *to fill in*", "- Ada", StringComparison.Ordinal);

        Assert.False(seal.IsTouched(text));
        Assert.NotEqual(text, filled);
        Assert.False(seal.IsTouched(filled));
        Assert.True(seal.IsTouched(text.Replace("## 2. Triage", "## 2. Triage!", StringComparison.Ordinal)));
        Assert.Equal(filled, Playbook.Markdown(Disaster, [], Names, TemplateFolder.Playbooks, filled));
        Assert.Contains("- Ada", HumanParts.Of(filled)["roles"], StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_CommandsThatDrillsRan_SayHowLongAndWhenBelowTheirBlock()
    {
        const string First = "kubectl --context staging -n shop get deployment/storefront";
        const string Second = "kubectl --context staging -n shop get pods -l app=storefront -o wide";
        static (DrillRecord, Judgement) Ran(params (string Command, double? Seconds)[] commands)
        {
            var (record, judgement) = Gallery.Pass();
            return (record with
            {
                Timeline =
                [
                    .. record.Timeline,
                    .. commands.Select((c, i) => new TimelineEntry(9000 + i, TimeSpan.FromSeconds(20), new FigureMeasured(
                        0, FigureNames.Command + c.Command, MeasureUnit.Seconds, c.Seconds is { } s ? new MeasuredValue(1, s, s, s, null) : MeasuredValue.Unknown(1, "exit code 1")))),
                ],
            }, judgement);
        }

        string Below(params (DrillRecord, Judgement)[] drills)
        {
            var text = Playbook.Markdown(Disaster, [Drilled(drills)], Names, TemplateFolder.Playbooks);
            var end = text.IndexOf("```\n", text.IndexOf(Second, StringComparison.Ordinal), StringComparison.Ordinal) + 4;
            return text[end..text.IndexOf('\n', end)];
        }

        Assert.Equal("*Run in drills: median 4.00 s, p95 5.00 s, n = 2; last proved 2026-11-21 in 1.*", Below(Ran((First, 1), (Second, 2)), Ran((First, 2), (Second, 3))));
        Assert.Equal($"*Run in drills, but never `{Second}`.*", Below(Ran((First, 1), (Second, null))));
        Assert.Equal("*Never proved in a drill.*", Below(Ran((First, null), (Second, null))));
        Assert.Equal("*Never proved in a drill.*", Below(Gallery.Pass()));
    }

    [Fact]
    public void Commands_FenceThatDoesNotSayWhatItDoes_IsRefused() =>
        Assert.Equal("line 2: the fence must say what its commands do: sh look, sh change or sh by-hand", Assert.Throws<ReportException>(() => PlaybookCommand.Of("a\n```sh\nrm\n```\n")).Message);

    private static DrilledScenario Drilled(params (DrillRecord Record, Judgement Judgement)[] drills) => new(
        new Scenario
        {
            ApiVersion = "chaosdrill.dev/v1", Kind = "Scenario", Origin = new ScenarioSource("scenarios/pod-kill.yaml", "", "digest"),
            Metadata = new ScenarioMetadata { Name = "storefront-pod-kill" }, Spec = new ScenarioSpec { Cluster = new ClusterSpec { Namespace = "shop" }, Steps = [], Objectives = [] },
        },
        Names,
        [.. drills.Select((d, i) => (d.Record with { Header = d.Record.Header with { Id = $"{i}", StartedAt = SampleDrill.Start.AddMinutes(i) } }, d.Judgement))]);
}
