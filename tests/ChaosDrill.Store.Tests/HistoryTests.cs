using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Store.Tests;

public sealed class SqliteHistoryTests() : HistoryTests(null);

public sealed class PostgresHistoryTests(PostgresServer server) : HistoryTests(server);

public abstract class HistoryTests : IDisposable
{
    private readonly TempStore place;
    private readonly DrillStore store;

    protected HistoryTests(PostgresServer? server)
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
    public void History_EndedDrill_SaysAllOfIt()
    {
        Run("pod-kill-1", "pod-kill", day: 1, DrillOutcome.Fail);

        Assert.Equal(
            new DrillSummary
            {
                Id = "pod-kill-1",
                Scenario = "pod-kill",
                Cluster = "twin",
                StartedAt = Samples.Start.AddDays(1),
                Duration = TimeSpan.FromSeconds(42),
                State = DrillState.Ended,
                Outcome = DrillOutcome.Fail,
                Reason = "1 of 1 objectives met",
                UndoComplete = true,
            },
            Assert.Single(store.History()));
    }

    [Fact]
    public void History_Filters_ChooseTheNewestThatMatch()
    {
        Run("a1", "a", day: 1, DrillOutcome.Pass);
        Run("b1", "b", day: 2, DrillOutcome.Fail);
        Run("a2", "a", day: 3, DrillOutcome.Fail);
        Run("a3", "a", day: 4, DrillOutcome.Pass);

        Assert.Equal(["a3", "a2", "b1", "a1"], Ids(new HistoryFilter()));
        Assert.Equal(["a3", "a2", "a1"], Ids(new HistoryFilter { Scenario = "a" }));
        Assert.Equal(["a2", "b1"], Ids(new HistoryFilter { Outcome = DrillOutcome.Fail }));
        Assert.Equal(["a3", "a2"], Ids(new HistoryFilter { Since = Samples.Start.AddDays(3) }));
        Assert.Equal(["b1", "a1"], Ids(new HistoryFilter { Until = Samples.Start.AddDays(2) }));
        Assert.Equal(4, Ids(new HistoryFilter { Cluster = "twin" }).Count);
        Assert.Empty(Ids(new HistoryFilter { Cluster = "staging" }));
        Assert.Equal(["a3"], Ids(new HistoryFilter { Limit = 1 }));
        Assert.Equal(["a3"], Ids(new HistoryFilter { Scenario = "a", Outcome = DrillOutcome.Pass, Limit = 1 }));
        Assert.Empty(Ids(new HistoryFilter { Scenario = "c" }));
    }

    [Fact]
    public void History_DrillOfThisProcess_IsRunning()
    {
        store.Begin(Samples.Header("a") with { Process = LocalProcess.Current() });

        var drill = Assert.Single(store.History());

        Assert.Equal((DrillState.Running, (DrillOutcome?)null, (TimeSpan?)null), (drill.State, drill.Outcome, drill.Duration));
    }

    [Fact]
    public void History_ProcessIdTakenByAnother_IsCrashedAndInconclusive()
    {
        var process = LocalProcess.Current();
        store.Begin(Samples.Header("a") with { Process = process with { StartTicks = process.StartTicks - 1 } });
        store.Append("a", [Samples.Probe(12)]);

        var drill = Assert.Single(store.History(new HistoryFilter { Outcome = DrillOutcome.Inconclusive }));

        Assert.Equal(DrillState.Crashed, drill.State);
        Assert.Equal("the process died before the drill ended", drill.Reason);
        Assert.Equal(TimeSpan.FromSeconds(1.2), drill.Duration);
        Assert.Empty(store.History(new HistoryFilter { Outcome = DrillOutcome.Pass }));
    }

    [Fact]
    public void History_DrillOfAnotherHost_IsUnknown()
    {
        store.Begin(Samples.Header("a") with { Process = LocalProcess.Current() with { Host = "elsewhere" } });

        Assert.Equal(DrillState.Unknown, Assert.Single(store.History()).State);
    }

    [Fact]
    public void History_LeftBehindThenPutBackLater_IsComplete()
    {
        store.Begin(Samples.Header("a"));
        store.RecordUndo(Samples.Undo("a", "u1"));
        store.End("a", Samples.End(undoComplete: false), Samples.Judgement());
        Assert.False(store.History()[0].UndoComplete);

        store.FinishUndo("a", "u1");

        Assert.True(store.History()[0].UndoComplete);
    }

    [Fact]
    public void Read_BeginningOfOneId_FindsIt()
    {
        Run("pod-kill-20261121-aaaa", "pod-kill", 1);
        Run("node-drain-20261121-bbbb", "node-drain", 2);

        Assert.Equal("pod-kill-20261121-aaaa", store.Read("pod")!.Header.Id);
        Assert.Equal("node-drain-20261121-bbbb", store.Read("latest")!.Header.Id);
        Assert.Equal("node-drain-20261121-bbbb", store.Find("latest")!.Id);
    }

    [Fact]
    public void Read_IdThatIsTheBeginningOfAnother_IsNotAmbiguous()
    {
        Run("a", "a", 1);
        Run("ab", "a", 2);

        Assert.Equal("a", store.Read("a")!.Header.Id);
    }

    [Fact]
    public void Read_BeginningOfSeveral_ListsTheNewest()
    {
        Run("pod-kill-1", "pod-kill", 1);
        Run("pod-kill-2", "pod-kill", 2);

        var failure = Assert.Throws<DrillLookupException>(() => store.Read("pod"));

        Assert.Equal("2 drills begin with 'pod'. Give more of the id; the newest are pod-kill-2, pod-kill-1.", failure.Message);
        Assert.Equal(["pod-kill-2", "pod-kill-1"], failure.Near);
    }

    [Fact]
    public void Read_Misspelt_NamesTheNearest()
    {
        for (var i = 1; i <= 6; i++)
        {
            Run($"node-drain-{i}", "node-drain", 10 + i);
        }

        Run("pod-kill-1", "pod-kill", 1);

        var failure = Assert.Throws<DrillLookupException>(() => store.Read("pod-kll"));

        Assert.Equal("pod-kill-1", failure.Near[0]);
        Assert.StartsWith("There is no drill 'pod-kll'. The nearest ids are pod-kill-1, ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("")]
    [InlineData("a' OR '1'='1")]
    public void Read_IdWithQueryCharacters_IsTakenLiterally(string id)
    {
        Run("a", "a", 1);

        Assert.Throws<DrillLookupException>(() => store.Read(id));
    }

    [Fact]
    public void Read_EmptyStore_SaysSo()
    {
        Assert.Null(store.Read("latest"));
        Assert.Equal("There is no drill 'x': the store holds no drill yet.", Assert.Throws<DrillLookupException>(() => store.Read("x")).Message);
    }

    [Fact]
    public void Delete_DrillWithAnOpenWayBack_Stays()
    {
        Run("old", "a", 1);
        Run("left", "a", 2);
        store.RecordUndo(Samples.Undo("left", "u1"));
        store.Append("left", [Samples.Probe(1)]);
        Run("new", "a", 3);
        store.Append("old", [Samples.Probe(1)]);

        Assert.Equal(1, store.Delete(["old", "left", "never there"]));

        Assert.Equal(["new", "left"], Ids(new HistoryFilter()));
        Assert.Single(store.Read("left")!.Timeline);
        Assert.Single(store.OutstandingUndos());
    }

    [Fact]
    public void Delete_ThenBegin_NewDrillHasNothingOfTheOld()
    {
        Run("old", "a", 1);
        store.Append("old", [Samples.Probe(1)]);
        store.Delete(["old"]);
        Run("new", "a", 2);

        Assert.Empty(store.Read("new")!.Timeline);
        Assert.Throws<DrillLookupException>(() => store.Read("old"));
    }

    private List<string> Ids(HistoryFilter filter) => [.. store.History(filter).Select(d => d.Id)];

    private void Run(string id, string scenario, int day, DrillOutcome outcome = DrillOutcome.Pass)
    {
        store.Begin(Samples.Header(id, scenario, Samples.Start.AddDays(day)));
        store.End(id, Samples.End(), Samples.Judgement(outcome));
    }
}
