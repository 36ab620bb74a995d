using System.Data.Common;

namespace ChaosDrill.Store;

/// <summary>Runs one statement for many rows: in few round trips where the database is on a server, prepared once where it is a file.</summary>
public static class SqlBatch
{
    /// <summary>So many in one round trip.</summary>
    private const int AtOnce = 500;

    /// <summary>Runs it for each row, in the transaction that is open.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="rows">The parameters of each run; their names are the same in all.</param>
    /// <exception cref="DbException">It fails for a row.</exception>
    public static void Run(DbConnection connection, string sql, IEnumerable<(string Name, object? Value)[]> rows)
    {
        if (connection.CanCreateBatch)
        {
            foreach (var chunk in rows.Chunk(AtOnce))
            {
                RunAtOnce(connection, sql, chunk);
            }
        }
        else
        {
            RunPrepared(connection, sql, rows);
        }
    }

    private static void RunAtOnce(DbConnection connection, string sql, (string Name, object? Value)[][] rows)
    {
        using var batch = connection.CreateBatch();
        foreach (var row in rows)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = sql;
            foreach (var (name, value) in row)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, Sql.Storable(value));
                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }

        batch.ExecuteNonQuery();
    }

    private static void RunPrepared(DbConnection connection, string sql, IEnumerable<(string Name, object? Value)[]> rows)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var row in rows)
        {
            // The statement stays compiled as long as its command lives; values are bound anew.
            command.Parameters.Clear();
            foreach (var (name, value) in row)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, Sql.Storable(value));
                command.Parameters.Add(parameter);
            }

            command.ExecuteNonQuery();
        }
    }
}
