namespace ChaosDrill.Engine.Drills;

/// <summary>The hand on the stop button: the first reason wins and cancels the steps; undo goes on.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class AbortSwitch : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private string? _reason;

    /// <summary>Cancelled when the drill is to stop.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Why it is to stop; null as long as it is not.</summary>
    public string? Reason => _reason;

    /// <summary>Stops the drill. Later calls change nothing.</summary>
    /// <returns>Whether this call was the first.</returns>
    public bool Abort(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null)
        {
            return false;
        }

        _source.Cancel();
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => _source.Dispose();
}
