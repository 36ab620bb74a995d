using System.Text.Json;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Store.Tests;

public sealed class SqliteJournalTests : JournalTests;

public sealed class PostgresJournalTests(PostgresServer server) : JournalTests(server);

public abstract class JournalTests(PostgresServer? server = null) : IDisposable
{
    private static readonly WorkloadReference Storefront = new("deployment", "storefront");
    private static readonly Target Pod = new("Pod", "shop", "storefront-1", "uid-1", "node n1");

    private readonly TempStore place = new(server);

    public void Dispose() => place.Dispose();

    [Fact]
    public void Read_AfterEveryKindOfEvent_GivesBackWhatWasAppended()
    {
        TimelineEvent[] events =
        [
            new StageEntered(DrillStage.Preflight),
            new StepStarted(0, 1),
            new StepEnded(0, 1, StepOutcome.TimedOut, "too slow"),
            new FaultRequested(0, 1, Pod),
            new FaultAcknowledged(0, 1, Pod),
            new FaultTookEffect(0, 1, Pod, "uid gone"),
            new WorkloadObserved(Storefront, 3, 2, 3),
            new WorkloadObserved(Storefront, null, 0, 0),
            new PodObserved(Storefront, "storefront-2", "uid-2", PodMilestone.Ready, "n2", null),
            new ProbeSampled("storefront", 4, TimeSpan.FromTicks(1), TimeSpan.FromTicks(123_456_789), SampleOutcome.Failure, "503 \"quoted\" \u0000 <b>"),
            new ProbeSlotMissed("storefront", 5, TimeSpan.FromSeconds(0.5), "busy"),
            new ObservationInterrupted("pods", TimeSpan.Zero, "reset"),
            new ObservationGap("pods", TimeSpan.Zero, TimeSpan.FromSeconds(2), Lost: true, "410"),
            new WatchDelayMeasured(TimeSpan.FromMilliseconds(3.5)),
            new SteadyStateChecked(DrillStage.SteadyStateBefore, 1, "deployment/storefront", null, "no data"),
            new GuardTripped("maxDuration", "10m"),
            new AbortRequested("Ctrl-C"),
            new UndoRecorded("u1", 0, "uncordon n1"),
            new UndoFinished("u1", true, "done"),
            new ClusterEventSeen("pod/storefront-1", "Killing", "Stopping container", "2026-11-21T03:00:00Z"),
            new Note("née 🦊"),
        ];
        var header = Samples.Header("a");
        TimelineEntry[] entries = [.. events.Select((e, i) => Samples.Entry(i + 1, e))];
        using (var store = DrillStore.Open(place.Target))
        {
            store.Begin(header);
            store.Append("a", entries[..3]);
            store.Append("a", entries[3..]);
            store.End("a", Samples.End(), Samples.Judgement());
        }

        using var reopened = DrillStore.OpenReadOnly(place.Target);
        var record = reopened.Read("a")!;

        Assert.Equal(entries, record.Timeline);
        Assert.Equal(Json(header), Json(record.Header));
        Assert.Equal(Samples.End(), record.End);
    }

    [Fact]
    public void Read_EntriesRecordedOutOfOrder_AreOrderedByInstant()
    {
        using var store = DrillStore.Open(place.Target);
        store.Begin(Samples.Header("a"));
        var late = new TimelineEntry(1, TimeSpan.FromSeconds(2), new Note("late"));
        var early = new TimelineEntry(2, TimeSpan.FromSeconds(1), new Note("early"));
        store.Append("a", [late, early]);

        Assert.Equal([early, late], store.Read("a")!.Timeline);
    }

    [Fact]
    public void Append_OneEntryOfSeveralIsRefused_NoneIsWritten()
    {
        using var store = DrillStore.Open(place.Target);
        store.Begin(Samples.Header("a"));
        store.Append("a", [Samples.Probe(1)]);

        Assert.Throws<JournalException>(() => store.Append("a", [Samples.Probe(2), Samples.Probe(1)]));
        store.Append("a", [Samples.Probe(2)]);

        Assert.Equal([Samples.Probe(1), Samples.Probe(2)], store.Read("a")!.Timeline);
    }

    [Fact]
    public void Begin_IdTwice_IsRefusedInWords()
    {
        using var store = DrillStore.Open(place.Target);
        store.Begin(Samples.Header("a"));

        var failure = Assert.Throws<JournalException>(() => store.Begin(Samples.Header("a")));

        Assert.Equal("Drill a is in the store already. Every drill needs an id of its own.", failure.Message);
    }

    [Fact]
    public void Append_DrillNeverBegun_IsRefusedInWords()
    {
        using var store = DrillStore.Open(place.Target);

        var failure = Assert.Throws<JournalException>(() => store.Append("ghost", [Samples.Probe(1)]));

        Assert.Equal("Drill ghost was never begun in this store.", failure.Message);
    }

    [Fact]
    public void End_Twice_KeepsTheFirstWord()
    {
        using var store = DrillStore.Open(place.Target);
        store.Begin(Samples.Header("a"));
        store.End("a", Samples.End(), Samples.Judgement(DrillOutcome.Fail));

        Assert.Throws<JournalException>(() => store.End("a", Samples.End(), Samples.Judgement(DrillOutcome.Pass)));
        Assert.Equal(DrillOutcome.Fail, store.History()[0].Outcome);
    }

    [Fact]
    public void Write_ReadOnlyStore_IsRefusedInWords()
    {
        DrillStore.Open(place.Target).Dispose();
        using var store = DrillStore.OpenReadOnly(place.Target);

        var failure = Assert.Throws<JournalException>(() => store.Begin(Samples.Header("a")));

        Assert.Equal($"Cannot begin drill a: the store {StoreTarget.Place(place.Target)} was opened for reading only.", failure.Message);
    }

    [Fact]
    public void OutstandingUndos_OneOfTwoFinished_GivesTheOther()
    {
        using var store = DrillStore.Open(place.Target);
        store.Begin(Samples.Header("a") with { Process = LocalProcess.Current() });
        store.RecordUndo(Samples.Undo("a", "u1"));
        store.RecordUndo(Samples.Undo("a", "u2"));
        store.FinishUndo("a", "u1");

        var open = Assert.Single(store.OutstandingUndos());
        Assert.Equal(Samples.Undo("a", "u2"), open.Undo);
        Assert.Equal(DrillState.Running, open.Drill);
        Assert.False(store.History()[0].UndoComplete);

        store.FinishUndo("a", "u2");
        Assert.Empty(store.OutstandingUndos());
        Assert.True(store.History()[0].UndoComplete);
    }

    [Fact]
    public void FinishUndo_NeverRecorded_IsRefusedInWords()
    {
        using var store = DrillStore.Open(place.Target);
        store.Begin(Samples.Header("a"));

        var failure = Assert.Throws<JournalException>(() => store.FinishUndo("a", "u9"));

        Assert.Equal("Drill a has recorded no undo u9.", failure.Message);
    }

    [Fact]
    public void Append_FromManyThreads_LosesNothing()
    {
        using var store = DrillStore.Open(place.Target);
        store.Begin(Samples.Header("a"));

        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 50; i++)
            {
                store.Append("a", [Samples.Probe((thread * 50) + i + 1)]);
            }
        });

        Assert.Equal(Enumerable.Range(1, 400).Select(i => (long)i), store.Read("a")!.Timeline.Select(e => e.Sequence));
    }

    private static string Json(DrillHeader header) => JsonSerializer.Serialize(header, DrillJson.Default.DrillHeader);
}
