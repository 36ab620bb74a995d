using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Locks;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Actions.Tests.Locks;

public sealed class LeaseLockTests
{
    [Fact]
    public void Acquire_Free_CreatesTheLeaseAndUndoRemovesIt() => OnTwin(async (client, _) =>
    {
        var held = new LeaseLock(client, "default", "one", new PlannedOutage());
        Assert.Null(await held.TryAcquireAsync(default));
        Assert.Equal("one", (await client.GetAsync(Resources.Leases, "default", "chaosdrill")).Spec.HolderIdentity);

        await LeaseLock.ReleaseAsync(client, held.Undo, default);
        Assert.Null(await client.FindAsync(Resources.Leases, "default", "chaosdrill"));
        await LeaseLock.ReleaseAsync(client, held.Undo, default);
    });

    [Fact]
    public void Acquire_Held_SaysByWhom() => OnTwin(async (client, _) =>
    {
        await new LeaseLock(client, "default", "one", new PlannedOutage()).TryAcquireAsync(default);

        Assert.Contains("drill one holds", await new LeaseLock(client, "default", "two", new PlannedOutage()).TryAcquireAsync(default), StringComparison.Ordinal);
    });

    [Fact]
    public void Undo_OfALockThatAnotherDrillTookOver_LeavesItAlone() => OnTwin(async (client, clock) =>
    {
        var dead = new LeaseLock(client, "default", "dead", new PlannedOutage());
        await dead.TryAcquireAsync(default);
        await Task.Delay(TimeSpan.FromMinutes(2), clock);
        Assert.Null(await new LeaseLock(client, "default", "heir", new PlannedOutage()).TryAcquireAsync(default));

        Assert.Contains("left alone", await LeaseLock.ReleaseAsync(client, dead.Undo, default), StringComparison.Ordinal);
        Assert.Equal("heir", (await client.GetAsync(Resources.Leases, "default", "chaosdrill")).Spec.HolderIdentity);
    });

    [Fact]
    public void Hold_Renews_AndMeasuresEachEcho() => OnTwin(async (client, clock) =>
    {
        var held = new LeaseLock(client, "default", "one", new PlannedOutage());
        await held.TryAcquireAsync(default);
        List<TimeSpan> echoes = [];
        using var stop = new CancellationTokenSource();
        var holding = held.HoldAsync(echoes.Add, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(21), clock);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holding);

        Assert.InRange(echoes.Count, 10, 11);
        Assert.All(echoes, e => Assert.Equal(TimeSpan.Zero, e));
        Assert.Contains("one holds", await new LeaseLock(client, "default", "two", new PlannedOutage()).TryAcquireAsync(default), StringComparison.Ordinal);
    });

    [Fact]
    public void Hold_LeaseDeletedBySomebody_Throws() => OnTwin(async (client, clock) =>
    {
        var held = new LeaseLock(client, "default", "one", new PlannedOutage());
        await held.TryAcquireAsync(default);
        var holding = held.HoldAsync(_ => { }, default);
        await Task.Delay(TimeSpan.FromSeconds(5), clock);
        await client.DeleteAsync(Resources.Leases, "default", "chaosdrill");

        var lost = await Assert.ThrowsAsync<Engine.Ports.ClusterException>(() => holding);
        Assert.Contains("deleted by somebody", lost.Message, StringComparison.Ordinal);
    });

    private static void OnTwin(Func<KubernetesClient, VirtualClock, Task> test)
    {
        var foreign = 0;
        VirtualClock.Run(async clock =>
        {
            await using var twin = new TwinCluster(new TwinOptions { Nodes = 1, Seed = 1, Clock = clock });
            twin.Start();
            await using var client = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
            await test(client, clock);
            foreign = clock.ForeignPosts;
        });
        Assert.Equal(0, foreign);
    }
}
