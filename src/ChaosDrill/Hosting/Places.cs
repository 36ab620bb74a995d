namespace ChaosDrill.Hosting;

/// <summary>Where ChaosDrill keeps what is not named on the command line.</summary>
internal static class Places
{
    /// <summary>Folder of ChaosDrill's own state: <c>$CHAOSDRILL_HOME</c>, <c>$XDG_STATE_HOME/chaosdrill</c>, or <c>~/.local/state/chaosdrill</c>.</summary>
    /// <exception cref="CommandException">There is no home directory to put it in.</exception>
    public static string State
    {
        get
        {
            if (Set("CHAOSDRILL_HOME") is { } own)
            {
                return Path.GetFullPath(own);
            }

            // The base-directory specification says that a relative path there is to be ignored.
            if (Set("XDG_STATE_HOME") is { } xdg && Path.IsPathRooted(xdg))
            {
                return Path.Combine(xdg, "chaosdrill");
            }

            return Set("HOME") is { } home
                ? Path.Combine(home, ".local", "state", "chaosdrill")
                : throw new CommandException(
                    ExitCode.BadUsage, "there is no place for the store: neither CHAOSDRILL_HOME, XDG_STATE_HOME nor HOME is set; set one, or name a file with --store");
        }
    }

    /// <summary>The store, unless another is named.</summary>
    /// <exception cref="CommandException">It names a database server, which drills cannot be kept in yet.</exception>
    public static string Store(string? named) => named switch
    {
        null => Path.Combine(State, "drills.db"),
        _ when named.Contains("Host=", StringComparison.OrdinalIgnoreCase) || named.Contains("://", StringComparison.Ordinal) => throw new CommandException(
            ExitCode.BadUsage, "--store: drills are kept in a SQLite file only, not on a PostgreSQL server; name a file"),
        _ => Path.GetFullPath(named),
    };

    /// <summary>The folder of one drill's report.</summary>
    /// <param name="reports">Folder of all reports; null is <c>reports</c> in the current directory.</param>
    /// <param name="drillId">The drill.</param>
    public static string Report(string? reports, string drillId) => Path.Combine(reports ?? "reports", drillId);

    private static string? Set(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
