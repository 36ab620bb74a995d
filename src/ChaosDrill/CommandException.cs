namespace ChaosDrill;

/// <summary>A command cannot go on, and it is not ChaosDrill's fault.</summary>
/// <param name="code">Exit code that says so to scripts.</param>
/// <param name="message">What, where and how to mend it.</param>
/// <param name="inner">The cause.</param>
internal sealed class CommandException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Exit code that says so to scripts.</summary>
    public ExitCode Code => code;
}
