namespace ChaosDrill.Twin.Controllers;

/// <summary>How long a container waits before it is started again: not at all the first time, then twice as long each time.</summary>
internal sealed class RestartBackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>A container that ran for so long is forgiven.</summary>
    private static readonly TimeSpan Memory = 2 * Longest;

    private TimeSpan next;
    private DateTimeOffset? last;

    /// <summary>It has ended: how long it waits now; null when it is started at once.</summary>
    public TimeSpan? Next(DateTimeOffset now)
    {
        var forgiven = last is null || now - last > Memory;
        TimeSpan? pause = forgiven ? null : next;
        next = forgiven ? First : next * 2 < Longest ? next * 2 : Longest;
        last = now;
        return pause;
    }
}
