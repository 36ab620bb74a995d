using ChaosDrill.Engine.Ports;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ChaosDrill.Store.Tests;

/// <summary>A firing has one owner at a time and one drill at most.</summary>
public sealed class FiringTests : IDisposable
{
    private static readonly DateTimeOffset Now = Samples.Start;
    private readonly TempFolder folder = new();
    private readonly DrillStore store;

    public FiringTests() => store = DrillStore.Open(folder.Store);

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Claim_Twice_IsTheFirstOnes()
    {
        Assert.Equal(FiringState.Claimed, store.Firings.Claim(Firing("a@1"), "one", Now)!.State);
        Assert.Null(store.Firings.Claim(Firing("a@1"), "two", Now));
        Assert.Equal("one", store.Firings.Find("a@1")!.Owner);
    }

    [Theory]
    [InlineData("https://c", "shop", false, true)] // same namespace
    [InlineData("https://c", "other", false, false)]
    [InlineData("https://c", "other", true, true)] // wants the cluster for itself
    [InlineData("https://d", "shop", true, false)]
    [InlineData(null, "shop", true, false)] // a twin of its own
    public void Claim_WhileAnotherIsUnderWay_IsSkippedWhereTheyWouldOverlap(string? cluster, string ns, bool whole, bool skipped)
    {
        store.Firings.Claim(Firing("a@1"), "one", Now);

        var second = store.Firings.Claim(Firing("b@1") with { Cluster = cluster, Namespace = ns, WholeCluster = whole }, "one", Now)!;

        Assert.Equal(skipped ? FiringState.Skipped : FiringState.Claimed, second.State);
        Assert.Equal(skipped ? "firing a@1 is under way in namespace shop of https://c" : null, second.Reason);
        Assert.True(store.Firings.Finish("a@1", "one", FiringState.Ended, "Pass", Now));
        Assert.Equal(FiringState.Claimed, store.Firings.Claim(Firing("b@2"), "one", Now)!.State);
    }

    [Fact]
    public void Begin_AfterATakeOver_IsRefusedAndLeavesNoDrill()
    {
        var claimed = store.Firings.Claim(Firing("a@1"), "one", Now)!;
        Assert.True(store.Firings.TakeOver(claimed, "two", Now));
        Assert.False(store.Firings.TakeOver(claimed, "three", Now));

        var late = Assert.Throws<JournalException>(() => store.Of("a@1", "one").Begin(Samples.Header("late")));
        Assert.Contains("another one has taken it over. Nothing was touched.", late.Message, StringComparison.Ordinal);
        Assert.Empty(store.History());

        store.Of("a@1", "two").Begin(Samples.Header("drill"));
        Assert.Equal((FiringState.Begun, "drill"), (store.Firings.Find("a@1")!.State, store.Firings.Find("a@1")!.Drill));
        Assert.Throws<JournalException>(() => store.Of("a@1", "two").Begin(Samples.Header("again")));
        Assert.False(store.Firings.Finish("a@1", "one", FiringState.Ended, "late", Now));
        Assert.Single(store.History());
    }

    [Fact]
    public void Release_GivesItToWhoeverComesNext()
    {
        store.Firings.Claim(Firing("a@1"), "one", Now);
        store.Firings.Release("a@1", "one", Now);

        Assert.True(store.Firings.TakeOver(Assert.Single(store.Firings.Open()), "two", Now));
        Assert.Equal("two", store.Firings.Find("a@1")!.Owner);
    }

    [Fact]
    public async Task Claim_ByManyAtOnce_IsOnes()
    {
        using var other = DrillStore.Open(folder.Store);
        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => (i % 2 == 0 ? store : other).Firings.Claim(Firing("a@1"), $"w{i}", Now))));

        Assert.Single(claims, c => c is not null);
    }

    [Fact]
    public void Complete_AddsWhatIsMissingOnce()
    {
        store.Begin(Samples.Header("a"));
        store.Append("a", [Samples.Probe(1)]);
        var record = new Model.Drills.DrillRecord(Samples.Header("a"), [Samples.Probe(1), Samples.Probe(2)], Samples.End());

        store.Complete(record, Samples.Judgement());
        store.Complete(record, Samples.Judgement());

        Assert.Equal(2, store.Read("a")!.Timeline.Count);
        Assert.Equal(DrillState.Ended, store.Find("a")!.State);
    }

    [Fact]
    public void Open_StoreOfForm1_IsUpgradedAndKeepsItsDrills()
    {
        store.Begin(Samples.Header("old"));
        store.Dispose();
        using (var connection = new SqliteConnection($"Data Source={folder.Store};Pooling=False"))
        {
            connection.Open();
            StoreSchema.Execute(connection, "DROP TABLE firing; DROP TABLE pause; DROP TABLE kept_scenario; ALTER TABLE drill DROP COLUMN owner; PRAGMA user_version = 1");
        }

        using var upgraded = DrillStore.Open(folder.Store);
        Assert.Equal("old", Assert.Single(upgraded.History()).Id);
        Assert.NotNull(upgraded.Firings.Claim(Firing("a@1"), "one", Now));
        using var again = DrillStore.Open(folder.Store);
        Assert.Single(again.Firings.Open());
    }

    private static Firing Firing(string id) => new()
    {
        Id = id, Scenario = id.Split('@')[0], AskedBy = "schedule", ScheduledAt = Now, DueAt = Now, Cluster = "https://c", Namespace = "shop", WholeCluster = false,
    };
}
