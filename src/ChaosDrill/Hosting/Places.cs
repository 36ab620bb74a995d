using ChaosDrill.Store;

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

    /// <summary>The store: the one that is named, else <c>$CHAOSDRILL_STORE</c>, else a file in <see cref="State"/>. May hold a password: never print it.</summary>
    public static string Store(string? named) => (named ?? Set("CHAOSDRILL_STORE")) switch
    {
        null => Path.Combine(State, "drills.db"),
        { } server when StoreTarget.IsServer(server) => server,
        { } url when url.Contains("://", StringComparison.Ordinal) => throw new CommandException(
            ExitCode.BadUsage, "the store is a file, or a PostgreSQL server such as \"Host=db.example;Database=chaosdrill;Username=chaosdrill\" or postgresql://chaosdrill@db.example/chaosdrill"),
        { } file => Path.GetFullPath(file),
    };

    /// <summary>The folder of one drill's report.</summary>
    /// <param name="reports">Folder of all reports; null is <c>reports</c> in the current directory.</param>
    /// <param name="drillId">The drill.</param>
    public static string Report(string? reports, string drillId) => Path.Combine(reports ?? "reports", drillId);

    private static string? Set(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
