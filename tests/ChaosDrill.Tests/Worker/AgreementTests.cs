using ChaosDrill.Store;
using ChaosDrill.Worker;

namespace ChaosDrill.Tests.Worker;

/// <summary>Workers of one set whose folders are not the same.</summary>
public sealed class AgreementTests
{
    [Fact]
    public void Look_AnotherWorkerHasOtherScenariosForMinutes_SaysSoOnceUntilTheyAgree()
    {
        using var shelved = new Shelved();
        var store = shelved.Store;
        shelved.Write("a.yaml", "a");
        var shelf = shelved.Again();
        shelf.Look();
        var clock = new HandClock();
        var said = new StringWriter();
        var agreement = new Agreement(store.Firings, Firing.UsualSet, "one", shelf, new WorkerLog(said, TimeProvider.System, json: false), clock);
        store.Firings.Beat("one", Firing.UsualSet, shelf.Digest);
        store.Firings.Beat("two", Firing.UsualSet, "others");
        store.Firings.Beat("dead", Firing.UsualSet, "others");
        store.Firings.Beat("three", "another-set", "others");

        // A change takes its time to reach everybody.
        agreement.Look(w => w == "dead");
        clock.Now += TimeSpan.FromMinutes(1);
        agreement.Look(w => w == "dead");
        Assert.Empty(agreement.Disagreeing);
        clock.Now += TimeSpan.FromMinutes(2);
        agreement.Look(w => w == "dead");
        agreement.Look(w => w == "dead");
        Assert.Equal(["two"], agreement.Disagreeing);
        Assert.Contains("worker two has other scenarios", Assert.Single(said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

        store.Firings.Beat("two", Firing.UsualSet, shelf.Digest);
        agreement.Look(w => w == "dead");
        Assert.Empty(agreement.Disagreeing);
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
