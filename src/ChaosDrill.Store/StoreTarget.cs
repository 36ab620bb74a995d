using System.Text;
using ChaosDrill.Engine.Ports;
using Npgsql;

namespace ChaosDrill.Store;

/// <summary>What <c>--store</c> may name: a file, or a PostgreSQL server.</summary>
public static class StoreTarget
{
    /// <summary>The schema that the tables are in, unless the connection string has a search path.</summary>
    internal const string Schema = "chaosdrill";

    /// <summary>Whether it names a server: <c>Host=...</c> as .NET has it, or <c>postgresql://...</c> as everybody else has it.</summary>
    public static bool IsServer(string target) =>
        target.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || target.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
        || target.Split(';').Any(part => part.TrimStart().StartsWith("Host=", StringComparison.OrdinalIgnoreCase) || part.TrimStart().StartsWith("Server=", StringComparison.OrdinalIgnoreCase));

    /// <summary>The connection string for a server, completed.</summary>
    /// <exception cref="JournalException">It is none. The message repeats no value of it, for one may be a password.</exception>
    public static string Connection(string target) => Parse(target).ConnectionString;

    /// <summary>What messages call it: never shows a password.</summary>
    /// <exception cref="JournalException">It is no connection string.</exception>
    public static string Place(string target) => IsServer(target) ? Place(Parse(target)) : target;

    internal static NpgsqlConnectionStringBuilder Parse(string target)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(target.Contains("://", StringComparison.Ordinal) ? FromUri(target) : target);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            // Not the driver's own words: they may quote a value.
            throw new JournalException(
                "The store is no connection string that can be understood. One looks like: " +
                "Host=db.example;Database=chaosdrill;Username=chaosdrill (the password in PGPASSWORD or PGPASSFILE), or postgresql://chaosdrill@db.example/chaosdrill");
        }

        // Short: a drill that cannot be written down is to stop. Few: several workers share what the server allows.
        Default("Timeout", () => builder.Timeout = 5);
        Default("Command Timeout", () => builder.CommandTimeout = 10);
        Default("Cancellation Timeout", () => builder.CancellationTimeout = 1000);
        Default("Maximum Pool Size", () => builder.MaxPoolSize = 20);
        Default("Max Auto Prepare", () => builder.MaxAutoPrepare = 20);
        Default("Keepalive", () => builder.KeepAlive = 10);
        Default("Application Name", () => builder.ApplicationName = "chaosdrill");
        Default("Search Path", () => builder.SearchPath = Schema);
        return builder;

        void Default(string keyword, Action set)
        {
            if (!builder.ContainsKey(keyword))
            {
                set();
            }
        }
    }

    internal static string Place(NpgsqlConnectionStringBuilder server) =>
        $"PostgreSQL {server.Host}:{server.Port}/{server.Database ?? server.Username}{(server.SearchPath is null or Schema ? "" : $" ({server.SearchPath})")}";

    /// <remarks>Source: postgresql.org/docs/current/libpq-connect.html, connection URIs. Of the parameters, those that Npgsql knows under that name, and sslmode.</remarks>
    private static string FromUri(string text)
    {
        var uri = new Uri(text);
        var builder = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost };
        if (uri.Port > 0)
        {
            builder.Port = uri.Port;
        }

        var user = uri.UserInfo.Split(':', 2);
        (builder.Username, builder.Password) = (user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null, user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null);
        builder.Database = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : null;
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)))
        {
            builder[Keyword(pair[0])] = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
        }

        return builder.ConnectionString;
    }

    private static string Keyword(string name) => name switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "connect_timeout" => "Timeout",
        "application_name" => "Application Name",
        _ => new StringBuilder(Uri.UnescapeDataString(name)).Replace('_', ' ').ToString(),
    };
}
