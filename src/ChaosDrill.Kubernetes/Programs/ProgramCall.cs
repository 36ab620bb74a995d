namespace ChaosDrill.Kubernetes;

/// <summary>A program to run: no shell, no terminal, bounded time and output.</summary>
public sealed record ProgramCall
{
    /// <summary>The program; a path with a separator, or a name to look up in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, handed over as they are.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables set in its environment; null takes one out.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where it runs; null is here.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>What it reads; nothing unless said.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>How long it may run; default one minute. A program that is started and not run has no limit.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many bytes of its output are kept, of the standard output the first and of the errors the last; default 1 MiB.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>Whether it keeps out of the terminal's reach, so that Ctrl-C stops the drill and not the program under it.</summary>
    public bool OwnSession { get; init; }

    /// <summary>Whether what it started may go on after it ended by itself, as with a command that starts a service.</summary>
    public bool MayLeavePrograms { get; init; }

    /// <summary>
    /// Random text that the program and all that it starts carry in their environment: whoever knows it can find them
    /// again and prove that they are his (see <see cref="MarkedPrograms"/>). Null draws one.
    /// </summary>
    public string? Mark { get; init; }

    /// <summary>The program only: arguments and variables may be secret.</summary>
    public override string ToString() => Program;
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code; null when it was stopped because its time was over.</param>
/// <param name="Output">What it printed, up to the limit.</param>
/// <param name="OutputCut">Whether it printed more.</param>
/// <param name="Errors">The end of what it wrote to its errors.</param>
/// <param name="Took">How long it ran.</param>
public sealed record ProgramResult(int? ExitCode, ReadOnlyMemory<byte> Output, bool OutputCut, string Errors, TimeSpan Took)
{
    /// <summary>The output as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Output.Span);
}

/// <summary>A program could not be started.</summary>
/// <param name="message">Which and why.</param>
/// <param name="notFound">Whether it is not there at all.</param>
/// <param name="inner">The cause.</param>
public sealed class ProgramException(string message, bool notFound, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the program is not there at all.</summary>
    public bool NotFound => notFound;
}
