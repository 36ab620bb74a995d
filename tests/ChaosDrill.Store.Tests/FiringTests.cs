using ChaosDrill.Engine.Ports;
using Xunit;

namespace ChaosDrill.Store.Tests;

public sealed class SqliteFiringTests() : FiringTests(null);

public sealed class PostgresFiringTests(PostgresServer server) : FiringTests(server);

/// <summary>A firing has one owner at a time and one drill at most.</summary>
public abstract class FiringTests : IDisposable
{
    private static readonly DateTimeOffset Now = Samples.Start;
    private readonly TempStore place;
    private readonly DrillStore store;

    protected FiringTests(PostgresServer? server)
    {
        place = new TempStore(server);
        store = DrillStore.Open(place.Target);
    }

    public void Dispose()
    {
        store.Dispose();
        place.Dispose();
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
        Assert.True(store.Firings.Finish(store.Firings.Find("a@1")!, FiringState.Ended, "Pass", Now));
        Assert.Equal(FiringState.Claimed, store.Firings.Claim(Firing("b@2"), "one", Now)!.State);
    }

    [Fact]
    public void Begin_AfterATakeOver_IsRefusedAndLeavesNoDrill()
    {
        var claimed = store.Firings.Claim(Firing("a@1"), "one", Now)!;
        var taken = store.Firings.TakeOver(claimed, "two", Now)!;
        Assert.Null(store.Firings.TakeOver(claimed, "three", Now));

        var late = Assert.Throws<ClaimLostException>(() => store.Of(claimed).Begin(Samples.Header("late")));
        Assert.Contains("another one has taken it over. Nothing was touched.", late.Message, StringComparison.Ordinal);
        Assert.Empty(store.History());

        store.Of(taken).Begin(Samples.Header("drill"));
        Assert.Equal((FiringState.Begun, "drill"), (store.Firings.Find("a@1")!.State, store.Firings.Find("a@1")!.Drill));
        Assert.Throws<ClaimLostException>(() => store.Of(taken).Begin(Samples.Header("again")));
        Assert.False(store.Firings.Finish(claimed, FiringState.Ended, "late", Now));
        Assert.Single(store.History());
    }

    [Fact]
    public void EveryWrite_AfterATakeOver_IsRefusedAlsoWhenItCameBack()
    {
        var first = store.Firings.Claim(Firing("a@1"), "one", Now)!;
        var lost = store.Of(first);
        lost.Begin(Samples.Header("a"));
        lost.Append("a", [Samples.Probe(1)]);
        lost.RecordUndo(Samples.Undo("a", "u1"));
        var second = store.Firings.TakeOver(store.Firings.Find("a@1")!, "two", Now)!;
        var third = store.Firings.TakeOver(second, "one", Now)!;
        Assert.False(store.Firings.Holds(first));
        Assert.True(store.Firings.Holds(third));

        foreach (var write in new Action[]
        {
            () => lost.Append("a", [Samples.Probe(2)]),
            () => lost.Append("a", [Samples.Probe(2), Samples.Probe(3)]),
            () => lost.RecordUndo(Samples.Undo("a", "u2")),
            () => lost.FinishUndo("a", "u1"),
            () => lost.End("a", Samples.End(), Samples.Judgement()),
            () => store.Complete(new Model.Drills.DrillRecord(Samples.Header("a"), [Samples.Probe(1)], Samples.End()), Samples.Judgement(), first),
        })
        {
            Assert.Equal("Drill a is another worker's by now: it took this one for dead.", Assert.Throws<ClaimLostException>(write).Message);
        }

        Assert.False(store.Firings.Finish(first, FiringState.Ended, "late", Now));
        Assert.Single(store.Read("a")!.Timeline);
        Assert.Equal("u1", Assert.Single(store.OutstandingUndos()).Undo.Id);
        store.Of(third).Append("a", [Samples.Probe(2)]);
        Assert.Equal(2, store.Read("a")!.Timeline.Count);
        store.Of(third).End("a", Samples.End(), Samples.Judgement());
        var over = new Model.Drills.DrillRecord(Samples.Header("a"), [Samples.Probe(1)], Samples.End());
        Assert.Throws<ClaimLostException>(() => store.Complete(over, Samples.Judgement(), first));
    }

    [Fact]
    public void Hear_WordsForADrill_AreTakenOnceInTheirOrder()
    {
        store.Firings.Say(new Word("a", Word.Yes, "eve", ""));
        store.Firings.Say(new Word("b", Word.No, "eve", ""));
        store.Firings.Say(new Word("a", Word.Abort, "adam", "enough"));

        Assert.Equal([new Word("a", Word.Yes, "eve", ""), new Word("a", Word.Abort, "adam", "enough")], store.Firings.Hear("a"));
        Assert.Empty(store.Firings.Hear("a"));
        Assert.Single(store.Firings.Hear("b"));
    }

    [Fact]
    public void Announce_OfSeveralWorkers_IsOneOfThem()
    {
        Assert.True(store.Firings.Announce("ops: overdue nightly", "one", Now));
        Assert.False(store.Firings.Announce("ops: overdue nightly", "two", Now));
        Assert.False(store.Firings.Announce("ops: overdue nightly", "one", Now.AddDays(1)));
        Assert.True(store.Firings.Announce("ops: overdue weekly", "two", Now));
    }

    [Fact]
    public void Scenarios_OfASet_AreThoseThatItsWorkersSaidLast()
    {
        store.Firings.Beat("one", "day", "a");
        store.Firings.Beat("two", "day", "b");
        store.Firings.Beat("three", "night", "c");
        store.Firings.Beat("one", "day", "d");

        Assert.Equal([("one", "d"), ("two", "b")], store.Firings.Scenarios("day").Select(w => (w.Key, w.Value)).Order());
    }

    [Fact]
    public void OfDrill_IsTheFiringWhoseDrillItIs()
    {
        var claimed = store.Firings.Claim(Firing("night/a@1") with { WorkerSet = "night" }, "one", Now)!;
        store.Of(claimed).Begin(Samples.Header("a"));
        store.Begin(Samples.Header("b"));

        Assert.Equal("night", store.Firings.OfDrill("a")!.WorkerSet);
        Assert.Null(store.Firings.OfDrill("b"));
    }

    [Fact]
    public void TakeOver_OfAWorkerThatWasHeardOfSince_IsRefused()
    {
        var claimed = store.Firings.Claim(Firing("a@1"), "one", Now)!;
        store.Firings.Beat("one");
        var beats = store.Firings.Beats()["one"];
        store.Firings.Beat("one");

        Assert.Null(store.Firings.TakeOver(claimed, "two", Now, beats));
        Assert.NotNull(store.Firings.TakeOver(claimed, "two", Now, store.Firings.Beats()["one"]));
    }

    [Fact]
    public void Finish_AsFailed_WhenItsDrillHasBegun_ChangesNothing()
    {
        var claimed = store.Firings.Claim(Firing("a@1"), "one", Now)!;
        store.Of(claimed).Begin(Samples.Header("a"));

        Assert.False(store.Firings.Finish(claimed, FiringState.Failed, "the database hung up", Now));
        Assert.True(store.Firings.Finish(claimed, FiringState.Ended, "Pass", Now));
    }

    [Fact]
    public void Release_GivesItToWhoeverComesNext()
    {
        store.Firings.Release(store.Firings.Claim(Firing("a@1"), "one", Now)!, Now);

        Assert.NotNull(store.Firings.TakeOver(Assert.Single(store.Firings.Open()), "two", Now));
        Assert.Equal("two", store.Firings.Find("a@1")!.Owner);
    }

    [Fact]
    public async Task Claim_ByManyAtOnceInOneNamespace_LetsOnePass()
    {
        using var other = DrillStore.Open(place.Target);
        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => (i % 2 == 0 ? store : other).Firings.Claim(Firing($"a@{i}"), $"w{i}", Now))));

        Assert.Single(claims, c => c!.State == FiringState.Claimed);
        Assert.Equal(39, claims.Count(c => c!.State == FiringState.Skipped));
    }

    [Fact]
    public async Task Claim_ByManyAtOnce_IsOnes()
    {
        using var other = DrillStore.Open(place.Target);
        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => (i % 2 == 0 ? store : other).Firings.Claim(Firing("a@1"), $"w{i}", Now))));

        Assert.Single(claims, c => c is not null);
    }

    [Fact]
    public void Complete_AddsWhatIsMissingOnce()
    {
        store.Begin(Samples.Header("a"));
        store.Append("a", [Samples.Probe(1)]);
        var record = new Model.Drills.DrillRecord(Samples.Header("a"), [Samples.Probe(1), Samples.Probe(2)], Samples.End());

        store.Complete(record, Samples.Judgement(), null);
        store.Complete(record, Samples.Judgement(), null);

        Assert.Equal(2, store.Read("a")!.Timeline.Count);
        Assert.Equal(DrillState.Ended, store.Find("a")!.State);
    }

    private static Firing Firing(string id) => new()
    {
        Id = id, Scenario = id.Split('@')[0], AskedBy = "schedule", ScheduledAt = Now, DueAt = Now, Cluster = "https://c", Namespace = "shop", WholeCluster = false,
    };
}
