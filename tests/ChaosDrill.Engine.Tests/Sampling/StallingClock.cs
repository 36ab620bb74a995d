namespace ChaosDrill.Engine.Tests.Sampling;

/// <summary>A clock whose process stands still: time passes, but no timer fires meanwhile.</summary>
internal sealed class StallingClock(TimeProvider inner) : TimeProvider
{
    private long _stood;

    public override long TimestampFrequency => inner.TimestampFrequency;

    public void StandStill(TimeSpan time) => _stood += (long)(time.TotalSeconds * TimestampFrequency);

    public override long GetTimestamp() => inner.GetTimestamp() + _stood;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
