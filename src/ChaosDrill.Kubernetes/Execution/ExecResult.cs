namespace ChaosDrill.Kubernetes;

/// <summary>How an exec ended.</summary>
public enum ExecEnd
{
    /// <summary>The command ended, and the server said with which exit code.</summary>
    Exited,

    /// <summary>The time limit came first. Kubernetes does not stop the command: it may still be running.</summary>
    TimedOut,

    /// <summary>The connection ended before the exit code came, as it does when the container ends. What became of the command is not known.</summary>
    ConnectionLost,
}

/// <summary>What became of a command in a container.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">The command's exit code; null unless it is known.</param>
/// <param name="Output">What it wrote to its standard output, as UTF-8.</param>
/// <param name="Error">What it wrote to its standard error, as UTF-8.</param>
/// <param name="Truncated">Whether more was written than was kept.</param>
public sealed record ExecResult(ExecEnd End, int? ExitCode, string Output, string Error, bool Truncated)
{
    /// <summary>Whether the command ended with exit code 0.</summary>
    public bool Succeeded => ExitCode == 0;
}
