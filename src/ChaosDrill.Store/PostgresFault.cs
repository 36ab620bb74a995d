using System.Net.Sockets;
using System.Security.Authentication;
using ChaosDrill.Engine.Ports;
using Npgsql;

namespace ChaosDrill.Store;

/// <summary>Says in words what a PostgreSQL server or its driver reports.</summary>
/// <remarks>Source: postgresql.org/docs/current/errcodes-appendix.html.</remarks>
internal static class PostgresFault
{
    /// <summary>Whether the server is away, as opposed to refusing something.</summary>
    public static bool IsSilence(Exception failure) => failure switch
    {
        PostgresException e => e.SqlState is "57P01" or "57P02" or "57P03" || e.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException or SocketException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether it comes from a server or its driver.</summary>
    public static bool Is(Exception failure) => IsSilence(failure) || failure is PostgresException or AuthenticationException;

    /// <summary>The same in words.</summary>
    public static JournalException Explain(Exception failure, string what, string place)
    {
        var (cause, mend) = failure switch
        {
            PostgresException { SqlState: "28P01" or "28000" } => (
                "the server does not accept this user and password", "Name another with Username= in the store, and the password in PGPASSWORD, in PGPASSFILE or with Password="),
            PostgresException { SqlState: "3D000" } => ("the server has no such database", "Create it with: createdb, or name another with Database="),
            PostgresException { SqlState: "42501" } e => (
                $"this user may not: {e.MessageText}", $"Let the user make the schema (GRANT CREATE ON DATABASE), or make it beforehand: CREATE SCHEMA {StoreTarget.Schema} AUTHORIZATION the_user"),
            PostgresException { SqlState: "53100" } => ("the server's disk is full", "Free some space there"),
            PostgresException { SqlState: "53300" } => ("the server has no connection left", "Raise max_connections there, or lower Maximum Pool Size here"),
            PostgresException { SqlState: "25006" } => ("the server may only be read; it may be a standby", "Name the primary"),
            PostgresException { SqlState: "57P01" or "57P02" or "57P03" } e => ($"the server stops or starts ({e.MessageText})", "Try again when it runs"),
            PostgresException e => ($"the server reports {e.SqlState}, {e.MessageText}", "Look at the server's log"),
            AuthenticationException e => ($"no secure connection can be made ({e.Message.TrimEnd('.')})", "Look at SSL Mode= and Root Certificate="),
            _ => ($"the server does not answer ({Reason(failure)})", "Check that it runs, that host and port are right, and that a password is given where it wants one"),
        };

        return new JournalException($"Cannot {what}: the store {place} fails, because {cause}. {mend}.", failure);
    }

    // The driver wraps what happened in sentences that say less than what is inside.
    private static string Reason(Exception failure) =>
        (failure.InnerException is { } inner and (SocketException or TimeoutException or IOException or NpgsqlException) ? Reason(inner) : failure.Message.ReplaceLineEndings(" ")).TrimEnd('.');
}
