namespace ChaosDrill.Twin.Tests;

public sealed class VirtualClockTests
{
    [Fact]
    public void Timers_OfDifferentDueTimes_FireInOrderAndTakeNoRealTime()
    {
        var fired = VirtualClock.Run(async clock =>
        {
            var order = new List<string>();
            var slow = Wait("hour", TimeSpan.FromHours(1));
            var first = Wait("first", TimeSpan.FromSeconds(1));
            var second = Wait("second", TimeSpan.FromSeconds(1));
            await Task.WhenAll(slow, first, second);
            Assert.Equal(TimeSpan.FromHours(1), clock.Elapsed);
            Assert.Equal(TimeSpan.FromHours(1).Ticks, clock.GetTimestamp());
            Assert.Equal(new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.Zero), clock.GetUtcNow());
            Assert.Equal(0, clock.ForeignPosts);
            return order;

            async Task Wait(string name, TimeSpan delay)
            {
                await Task.Delay(delay, clock);
                order.Add(name);
            }
        });
        Assert.Equal(["first", "second", "hour"], fired);
    }

    [Fact]
    public void PeriodicTimer_Disposed_FiresNoMore() => VirtualClock.Run(async clock =>
    {
        var count = 0;
        var timer = clock.CreateTimer(_ => count++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        await Task.Delay(TimeSpan.FromSeconds(3.5), clock);
        await timer.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(10), clock);
        Assert.Equal(3, count);
    });

    [Fact]
    public void WallClock_Stepped_LeavesTheMonotonicClockAlone() => VirtualClock.Run(async clock =>
    {
        var before = clock.GetTimestamp();
        clock.StepWallClock(TimeSpan.FromHours(-1));
        await Task.Delay(TimeSpan.FromSeconds(1), clock);
        Assert.Equal(TimeSpan.FromSeconds(1), clock.GetElapsedTime(before));
        Assert.Equal(new DateTimeOffset(2025, 12, 31, 23, 0, 1, TimeSpan.Zero), clock.GetUtcNow());
    });

    [Fact]
    public void Body_ThatAwaitsWhatNeverComes_IsCalledADeadlock()
    {
        var stuck = Assert.Throws<InvalidOperationException>(() => VirtualClock.Run(_ => new TaskCompletionSource().Task));
        Assert.Contains("nothing is runnable", stuck.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_ThatHopsToThePool_IsCounted() => VirtualClock.Run(async clock =>
    {
        using var awaited = new ManualResetEventSlim();
        using (clock.Hold())
        {
            var away = Task.Run(() => awaited.Wait());
            SynchronizationContext.Current!.Post(_ => awaited.Set(), null);
            await away;
        }

        Assert.True(clock.ForeignPosts > 0);
        Assert.Equal(TimeSpan.Zero, clock.Elapsed);
    });

    [Fact]
    public void Cancellation_AfterAVirtualTimeout_ComesInTime() => VirtualClock.Run(async clock =>
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMinutes(5), clock);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel.Token));
        Assert.Equal(TimeSpan.FromMinutes(5), clock.Elapsed);
    });

    [Theory]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5s", 1.5)]
    [InlineData("250ms", 0.25)]
    [InlineData("0", 0)]
    public void GoDuration_WellFormed_IsRead(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1d")]
    public void GoDuration_Malformed_IsRefused(string text) => Assert.False(GoDuration.TryParse(text, out _));
}
