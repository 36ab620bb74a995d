using ChaosDrill.Engine.Ports;
using Xunit;

namespace ChaosDrill.Store.Tests;

/// <summary>A server that stops, crashes or stands still; one of this test's own.</summary>
public sealed class PostgresAwayTests : IDisposable
{
    private readonly PostgresServer server = new();

    public void Dispose() => server.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("KILL")]
    public void Server_EndsAndComesBack_LosesNothingThatWasAcknowledged(string signal)
    {
        using var store = DrillStore.Open(server.NewStore());
        store.Begin(Samples.Header("a"));
        store.Append("a", [.. Enumerable.Range(1, 100).Select(i => Samples.Probe(i))]);
        store.RecordUndo(Samples.Undo("a", "u1"));
        server.Stop(signal);

        var failure = Assert.Throws<JournalException>(() => store.Append("a", [Samples.Probe(101)]));
        Assert.StartsWith("Cannot append to the timeline of drill a: the store PostgreSQL 127.0.0.1:", failure.Message, StringComparison.Ordinal);
        Assert.Throws<JournalException>(() => store.History());

        server.Start();
        Until(() => store.Append("a", [Samples.Probe(101)]));
        Assert.Equal(101, store.Read("a")!.Timeline.Count);
        Assert.Single(store.OutstandingUndos());
    }

    [Fact]
    public void Server_StandsStill_WritersGiveUpAndDoNotQueueUp()
    {
        var target = server.NewStore();

        // Without the short limits, which are not for making tables on a busy machine.
        DrillStore.Open(target).Dispose();
        using var store = DrillStore.Open(target + ";Timeout=1;Command Timeout=1");
        store.Begin(Samples.Header("a"));
        server.Signal("STOP");
        var begin = TimeProvider.System.GetTimestamp();
        for (var i = 1; i <= 20; i++)
        {
            Assert.Throws<JournalException>(() => store.Append("a", [Samples.Probe(i)]));
        }

        server.Signal("CONT");
        Until(() => store.Append("a", [Samples.Probe(1000)]));
    }

    private static void Until(Action act)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                act();
                return;
            }
            catch (JournalException) when (TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromMinutes(1))
            {
                // It comes back.
            }
        }
    }
}
