using ChaosDrill.Engine.Ports;
using Npgsql;

namespace ChaosDrill.Store;

/// <summary>The tables of a store on a PostgreSQL server. Their form stands in the table <c>store_form</c>.</summary>
internal static class PostgresSchema
{
    /// <summary>Makes the schema and the tables that are missing, or brings older ones to the form of now; all of it or nothing.</summary>
    /// <exception cref="JournalException">The tables are those of a newer ChaosDrill, or of another program.</exception>
    public static void Make(NpgsqlConnection connection, string place)
    {
        if (Form(connection, place) == StoreSchema.Version)
        {
            return;
        }

        using var transaction = connection.BeginTransaction();

        // Workers that start at once wait here for the first one.
        connection.Run("SELECT pg_advisory_xact_lock(1128809554)");
        var schema = Schema(connection);
        if (connection.Number("SELECT count(*) FROM pg_namespace WHERE nspname = @schema", ("@schema", schema)) == 0)
        {
            connection.Run($"CREATE SCHEMA \"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }

        var form = Form(connection, place);
        if (form == 0)
        {
            connection.Run("CREATE TABLE store_form (form BIGINT NOT NULL); INSERT INTO store_form (form) VALUES (0)");
        }

        foreach (var next in StoreSchema.Forms.Skip(form))
        {
            connection.Run(SqlDialect.Of(connection).Forms(next));
        }

        connection.Run("UPDATE store_form SET form = @form", ("@form", (long)StoreSchema.Version));
        transaction.Commit();
    }

    /// <summary>Makes sure that there are tables to read.</summary>
    /// <exception cref="JournalException">There are none, or they are those of another ChaosDrill or program.</exception>
    public static void Require(NpgsqlConnection connection, string place)
    {
        switch (Form(connection, place))
        {
            case 0:
                throw new JournalException($"The store {place} is empty. It is filled by the first drill; or name another one.");
            case < StoreSchema.Version:
                throw new JournalException($"The store {place} was written by an older ChaosDrill. The next drill or worker on it upgrades it.");
        }
    }

    private static int Form(NpgsqlConnection connection, string place)
    {
        // In one look: another process may be making them.
        var schema = Schema(connection);
        var tables = connection.List("SELECT tablename FROM pg_tables WHERE schemaname = @schema", row => row.GetString(0), ("@schema", schema));
        if (!tables.Contains("store_form"))
        {
            return tables.Contains("drill") || tables.Contains("firing")
                ? throw new JournalException($"The schema {schema} of {place} has tables of another program. Name another one with Search Path= in the store; nothing was changed.")
                : 0;
        }

        var form = connection.Number("SELECT form FROM store_form") ?? 0;
        return form <= StoreSchema.Version
            ? (int)form
            : throw StoreSchema.Newer(place, form);
    }

    private static string Schema(NpgsqlConnection connection) => new NpgsqlConnectionStringBuilder(connection.ConnectionString).SearchPath!.Split(',')[0].Trim().Trim('"');
}
