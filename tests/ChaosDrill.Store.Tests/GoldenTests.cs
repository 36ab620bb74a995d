using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Store.Tests;

/// <summary>Stores as older versions of ChaosDrill wrote them stay readable, and mean what they meant.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("form-1.db", "storefront-pod-kill-20261121-074936-qhjq", 4, 2.51)]
    public void Store_OfAnOlderForm_IsReadAndJudgedAsThen(string file, string id, int objectives, double recovery)
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Golden", file), folder.Store);

        using var store = DrillStore.OpenReadOnly(folder.Store);
        var drill = Assert.Single(store.History());
        var judgement = Judge.Of(store.Read("latest")!);

        Assert.Equal((id, DrillState.Ended, DrillOutcome.Pass, "all 4 objectives are met"), (drill.Id, drill.State, drill.Outcome!.Value, drill.Reason));
        Assert.Equal((DrillOutcome.Pass, objectives, recovery), (judgement.Outcome, judgement.Objectives.Count, judgement.Recoveries[0].Time.Value!.Value));
    }

    [Theory]
    [InlineData("form-1.db")]
    public void Store_OfAnOlderForm_TakesNewDrills(string file)
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Golden", file), folder.Store);

        using var store = DrillStore.Open(folder.Store);
        store.Begin(Samples.Header("new"));
        store.End("new", Samples.End(), Samples.Judgement());

        Assert.Equal(2, store.History().Count);
        store.Firings.Beat("one");
        Assert.Single(store.Firings.Beats());
    }

    [Fact]
    public void Store_OfForm2_IsUpgradedAndKeepsItsFirings()
    {
        using (var store = DrillStore.Open(folder.Store))
        {
            store.Begin(Samples.Header("old"));
            StoreSchema.Execute(
                store.WritingConnection!,
                """
                DROP TABLE notice; ALTER TABLE firing DROP COLUMN worker_set; DROP TABLE worker; DROP TABLE word; ALTER TABLE drill DROP COLUMN fence; ALTER TABLE firing DROP COLUMN fence; PRAGMA user_version = 2;
                INSERT INTO firing (id, scenario, asked_by, scheduled_ms, due_ms, namespace, whole_cluster, state, owner, drill, changed_ms)
                VALUES ('a@1', 'a', 'schedule', 0, 0, 'shop', 0, 'Begun', 'one', 'old', 0)
                """);
        }

        using var upgraded = DrillStore.Open(folder.Store);
        var taken = upgraded.Firings.TakeOver(Assert.Single(upgraded.Firings.Open()), "two", Samples.Start)!;
        upgraded.Of(taken).Append("old", [Samples.Probe(1)]);
        Assert.True(upgraded.Firings.Finish(taken, FiringState.Ended, "Pass", Samples.Start));
    }
}
