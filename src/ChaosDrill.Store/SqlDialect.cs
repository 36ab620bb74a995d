using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Store;

/// <summary>Where the two databases differ. Everything else is written once, in what both understand.</summary>
/// <param name="Shared">Ends a query whose row nobody may change before this transaction ends. SQLite has one writer at a time.</param>
/// <param name="Alone">Lets one transaction at a time pass, where that is not so anyway.</param>
/// <param name="Now">The database's own clock, in milliseconds since 1970.</param>
/// <param name="Alive">1 when the worker that owns a drill was heard of just now. A file has one worker, whose process can be looked at.</param>
/// <param name="Forms">Turns the text of a form of the tables, which is written for SQLite, into the database's own.</param>
internal sealed record SqlDialect(string Shared, string? Alone, string Now, string Alive, Func<string, string> Forms)
{
    private const string PostgresNow = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

    private static readonly SqlDialect _sqlite = new("", null, "CAST(strftime('%s', 'now') AS INTEGER) * 1000", "0", form => form);

    // Texts compare by their bytes, as they do in SQLite, whatever the language of the server.
    private static readonly SqlDialect _postgres = new(
        " FOR SHARE",
        "SELECT pg_advisory_xact_lock(1128809553)",
        PostgresNow,
        $"(SELECT count(*) FROM worker WHERE worker.name = drill.owner AND worker.beat_ms > {PostgresNow} - 15000)",
        form => form
            .Replace("INTEGER PRIMARY KEY", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
            .Replace(" STRICT, WITHOUT ROWID", "", StringComparison.Ordinal)
            .Replace(" STRICT", "", StringComparison.Ordinal)
            .Replace(" INTEGER", " BIGINT", StringComparison.Ordinal)
            .Replace(" TEXT", " TEXT COLLATE \"C\"", StringComparison.Ordinal));

    /// <summary>That of a connection.</summary>
    public static SqlDialect Of(DbConnection connection) => connection is SqliteConnection ? _sqlite : _postgres;
}
