namespace ChaosDrill.Engine;

/// <summary>A signal that can be waited for and is given once.</summary>
public static class Signal
{
    /// <summary>
    /// A new signal. Whoever waits must not run on the giver's stack, which may be a watch's reading loop. Under the virtual
    /// clock's context continuations are posted there anyway, and a detour over the thread pool would let virtual time run ahead.
    /// </summary>
    public static TaskCompletionSource New() => new(Options);

    /// <summary>The same for a signal that brings something.</summary>
    public static TaskCompletionSource<T> New<T>() => new(Options);

    private static TaskCreationOptions Options =>
        SynchronizationContext.Current is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
}
