namespace ChaosDrill.Hosting;

/// <summary>The one place where the real clock enters. Everything else is handed a <see cref="TimeProvider"/>.</summary>
internal static class SystemClock
{
    /// <summary>The machine's wall clock and monotonic clock.</summary>
    public static TimeProvider Instance { get; } = TimeProvider.System;
}
