using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>The ledger: what was acknowledged and is missing is counted, whoever took it away.</summary>
public sealed class LedgerTests
{
    private const string Label = "chaosdrill.dev/ledger";

    [Fact]
    public void Ledger_NothingIsLost_PassesAndLeavesNothing()
    {
        IReadOnlyList<string>? before = null, after = null;
        var drill = (Drill() with
        {
            Before = async (_, client) => before = await ClusterPicture.TakeAsync(client),
            After = async (_, client) => after = await ClusterPicture.TakeAsync(client),
        }).Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.Equal(0, Figure(drill, FigureNames.LostEntries));
        Assert.True(drill.Judgement.UndoComplete);
        Assert.Equal(before, after);
        Assert.Contains("config maps of namespace shop", drill.Plan.Ledger, StringComparison.Ordinal);
        Assert.Contains(drill.Plan.Access, a => a.Need is { Verb: "patch", Resource: "configmaps", Namespace: "shop" });

        // Written down before the first entry, about once a second, each entry once.
        var events = drill.Record.Timeline.OrderBy(e => e.Sequence).Select(e => e.Event).ToList();
        Assert.True(events.FindIndex(e => e is UndoRecorded { Id: var id } && id.EndsWith("-ledger", StringComparison.Ordinal)) < events.FindIndex(e => e is LedgerWritten));
        Assert.True(events.FindIndex(e => e is LedgerWritten) < events.FindIndex(e => e is FaultRequested));
        var written = events.OfType<LedgerWritten>().ToList();
        var numbers = written.SelectMany(w => w.Entries).Select(e => e.Number).ToList();
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.InRange(numbers.Count, 100, 200);
        Assert.InRange(written.Count, 10, 25);
    }

    [Fact]
    public void Ledger_PartOfItIsGone_FailsAndCountsTheHole()
    {
        var drill = Meddling(async client =>
        {
            var map = await FirstAsync(client);
            await client.PatchAsync(Resources.ConfigMaps, "shop", map.Metadata.Name!, Patch.Merge(JsonNode.Parse("""{"data":{"000000004":null,"000000005":null,"000000009":null}}""")!));
        });

        Assert.Equal(DrillOutcome.Fail, drill.Judgement.Outcome);
        Assert.Equal(3, Figure(drill, FigureNames.LostEntries));
        Assert.InRange(Figure(drill, FigureNames.DataLoss)!.Value, 0.59, 0.61);
    }

    [Fact]
    public void Ledger_EntryThatSaysSomethingElse_IsLost()
    {
        var drill = Meddling(async client =>
            await client.PatchAsync(Resources.ConfigMaps, "shop", (await FirstAsync(client)).Metadata.Name!, Patch.Merge(JsonNode.Parse("""{"data":{"000000004":"forged"}}""")!)));

        Assert.Equal(1, Figure(drill, FigureNames.LostEntries));
        Assert.Equal(DrillOutcome.Fail, drill.Judgement.Outcome);
    }

    [Fact]
    public void Ledger_EntriesOfAnotherRun_DoNotCount()
    {
        var drill = Meddling(async client =>
        {
            var map = await FirstAsync(client);
            await client.DeleteAsync(Resources.ConfigMaps, "shop", map.Metadata.Name!);
            await client.CreateAsync(Resources.ConfigMaps, "shop", map with
            {
                Metadata = new ObjectMeta { Name = "of-another-run", Namespace = "shop", Labels = new Dictionary<string, string> { [Label] = "other" } },
            });
        });

        Assert.Equal(DrillOutcome.Fail, drill.Judgement.Outcome);
        Assert.True(Figure(drill, FigureNames.LostEntries) >= 10);
    }

    [Fact]
    public void Ledger_SheetThatWentAway_IsNeverMadeAgain()
    {
        IReadOnlyList<string> names = [];
        string? lost = null;
        Meddling(
            async client =>
            {
                lost = (await FirstAsync(client)).Metadata.Name;
                await client.DeleteAsync(Resources.ConfigMaps, "shop", lost!);
            },
            async client => names = [.. (await client.ListAsync(Resources.ConfigMaps, "shop", new ListOptions { LabelSelector = Label })).Items.Select(m => m.Metadata.Name!)]);

        Assert.NotEmpty(names);
        Assert.DoesNotContain(lost, names);
    }

    [Fact]
    public void Ledger_ApiAwayForAWhile_MaybeWrittenIsNeitherLostNorKept()
    {
        var drill = (Drill() with
        {
            Meanwhile = async (twin, clock, _, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(9), clock);
                twin.PauseApi(ApiOutage.Hang);
                await Task.Delay(TimeSpan.FromSeconds(2), clock);
                twin.ResumeApi();
            },
        }).Run();

        Assert.Equal(0, Figure(drill, FigureNames.LostEntries));
        Assert.Contains(Entries(drill), e => e.Outcome == EntryOutcome.Unanswered);
        Assert.InRange(Figure(drill, FigureNames.WriteOutage)!.Value, 1.5, 2.3);
    }

    [Fact]
    public void Ledger_NeverTaken_IsInconclusiveAndNoStepIsBegun()
    {
        var drill = (Drill() with
        {
            Before = async (_, client) => await client.CreateAsync(
                Resources.Any("", "v1", "resourcequotas", "ResourceQuota", namespaced: true), "shop",
                System.Text.Json.JsonDocument.Parse("""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"none"},"spec":{"hard":{"configmaps":"0"}}}""").RootElement),
        }).Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Contains("no entry of the ledger", drill.Judgement.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(drill.Record.Timeline, e => e.Event is StepStarted);
        Assert.True(drill.Judgement.UndoComplete);
    }

    [Fact]
    public void Ledger_OfEachRepetition_IsItsOwn()
    {
        var drill = (Drill() with { Yaml = Drill().Yaml.Replace("  objectives:", "  repeat: 2\n  objectives:", StringComparison.Ordinal) }).Run();

        Assert.True(drill.Judgement.Outcome == DrillOutcome.Pass, drill.Judgement.Reason);
        Assert.Equal([1, 2], drill.Record.Timeline.Select(e => e.Event).OfType<LedgerRead>().Select(r => r.Iteration));
        Assert.Equal(2, drill.Judgement.Objectives[0].Measure.Values.Count);
    }

    [Fact]
    public void Ledger_OfADrillThatDied_IsRemovedByWhatStandsInTheCluster()
    {
        var left = new List<string>();
        (Drill() with
        {
            Meanwhile = async (_, clock, client, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(4), clock);
                var cluster = new KubernetesCluster(client, "twin", isTwin: true);
                var found = (await cluster.FindLeftoversAsync(CancellationToken.None)).Where(u => u.Kind == "ledger").ToList();
                foreach (var undo in found)
                {
                    left.Add(await cluster.UndoAsync(undo, CancellationToken.None));
                    left.Add(await cluster.UndoAsync(undo with { Payload = undo.Payload.Replace("\"run\":\"", "\"run\":\"x", StringComparison.Ordinal) }, CancellationToken.None));
                }
            },
        }).Run();

        Assert.Equal(["1 config map of the ledger removed from namespace shop", "0 config maps of the ledger removed from namespace shop"], left);
    }

    [Fact]
    public void Ledger_NamespaceLostAndRestored_LosesWhatTheBackupDoesNotHold()
    {
        var drill = (NamespaceLossTests.Drill() with
        {
            Yaml = NamespaceLossTests.Drill().Yaml
                .Replace("  objectives:", "  ledger: { every: 100ms }\n  objectives:\n    - dataLoss: { atMostEntries: 0 }", StringComparison.Ordinal),
        }).Run();

        var lost = Figure(drill, FigureNames.LostEntries);
        Assert.True(lost > 0, $"lost {lost}: {drill.Judgement.Reason}");
        Assert.Equal(DrillOutcome.Fail, drill.Judgement.Outcome);
        Assert.All(drill.Record.Timeline.Select(e => e.Event).OfType<CheckMade>(), c => Assert.True(c.Held, $"{c.Check}: {c.Evidence}"));

        // What the backup holds is back, and what was written after the restore is there.
        var read = drill.Record.Timeline.Select(e => e.Event).OfType<LedgerRead>().Single();
        Assert.True(read.Present!.Count >= 2, string.Join(", ", read.Present));
        Assert.Equal(0, read.Present[0].From);
    }

    private static TwinDrill.Result Meddling(Func<KubernetesClient, Task> meddle, Func<KubernetesClient, Task>? look = null) => (Drill() with
    {
        Meanwhile = async (_, clock, client, _) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(6), clock);
            await meddle(client);
            await Task.Delay(TimeSpan.FromSeconds(2), clock);
            await (look?.Invoke(client) ?? Task.CompletedTask);
        },
    }).Run();

    private static TwinDrill Drill() => new()
    {
        Yaml = TwinDrill.Scenario.Replace("  steps:", "  ledger: { every: 100ms, timeout: 1s }\n  steps:", StringComparison.Ordinal)
            .Replace("    - recoveryTime: { of: deployment/storefront, atMost: 30s }", "    - dataLoss: { atMostEntries: 0 }\n    - dataLoss: { atMost: 5m }", StringComparison.Ordinal),
    };

    private static async Task<ConfigMap> FirstAsync(KubernetesClient client) =>
        (await client.ListAsync(Resources.ConfigMaps, "shop", new ListOptions { LabelSelector = Label })).Items[0];

    private static double? Figure(TwinDrill.Result drill, string name) =>
        drill.Record.Timeline.Select(e => e.Event).OfType<FigureMeasured>().Single(f => f.Step == Model.Plans.PlannedStep.Ledger && f.Name == name).Value.Value;

    private static IEnumerable<LedgerEntry> Entries(TwinDrill.Result drill) => drill.Record.Timeline.Select(e => e.Event).OfType<LedgerWritten>().SelectMany(w => w.Entries);
}
