namespace ChaosDrill.Engine.Ports;

/// <summary>Whoever sits at the terminal of a drill.</summary>
public interface IPerson
{
    /// <summary>Waits for the next yes or no; what is asked stands in the timeline already.</summary>
    /// <returns>The answer. Where nobody can answer, it never comes.</returns>
    /// <exception cref="OperationCanceledException">The question is withdrawn.</exception>
    Task<bool> AskAsync(CancellationToken cancellationToken);
}

/// <summary>Nobody: a drill that runs unattended.</summary>
public sealed class Nobody : IPerson
{
    /// <inheritdoc />
    public Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        var never = Signal.New<bool>();
        cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
        return never.Task;
    }
}
