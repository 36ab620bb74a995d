namespace ChaosDrill.Twin.Tests;

/// <summary>What is due earlier happens earlier, whatever order a busy machine runs its timers in.</summary>
public sealed class TwinLoopTests
{
    [Fact]
    public void Timers_ThatComeInAnotherOrder_RunAsTheyWereDue()
    {
        var clock = new LateTimers();
        var loop = new TwinLoop(clock);
        List<string> done = [];
        loop.After(TimeSpan.FromMilliseconds(50), () => done.Add("started"));
        loop.After(TimeSpan.FromMilliseconds(5), () => done.Add("seen"));
        loop.After(TimeSpan.FromMilliseconds(50), () => done.Add("started too"));
        loop.After(TimeSpan.FromMilliseconds(20), () => done.Add("called off")).Dispose();
        loop.After(TimeSpan.FromMilliseconds(60), () => done.Add("ready"));

        clock.Fire(2);
        Assert.Equal(["seen", "started", "started too"], done);
        for (var timer = 0; timer < 4; timer++)
        {
            clock.Fire(timer);
        }

        Assert.Equal(["seen", "started", "started too"], done);
        clock.Fire(4);
        Assert.Equal(["seen", "started", "started too", "ready"], done);
    }

    /// <summary>Timers that come when the test says so.</summary>
    private sealed class LateTimers : TimeProvider
    {
        private readonly List<Action> _timers = [];

        public void Fire(int timer) => _timers[timer]();

        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
