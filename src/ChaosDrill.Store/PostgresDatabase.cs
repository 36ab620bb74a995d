using System.Data;
using System.Data.Common;
using Npgsql;

namespace ChaosDrill.Store;

/// <summary>A schema of a PostgreSQL server. Any number of processes on any number of machines read and write.</summary>
internal sealed class PostgresDatabase : IDatabase
{
    /// <summary>After a server did not answer, nobody asks it again for this long: a drill that stops must not wait for it at every step.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly string _connection;
    private readonly TimeProvider _clock = TimeProvider.System;
    private volatile Silence? _silence;

    /// <summary>Reaches the server and makes sure that the tables are there.</summary>
    public PostgresDatabase(string target, bool forWriting)
    {
        var server = StoreTarget.Parse(target);
        (_connection, Place) = (server.ConnectionString, StoreTarget.Place(server));
        Ask(again: true, connection =>
        {
            if (forWriting)
            {
                PostgresSchema.Make(connection, Place);
            }
            else
            {
                PostgresSchema.Require(connection, Place);
            }

            return true;
        });
    }

    public string Place { get; }

    public T Read<T>(Func<DbConnection, T> query) => Ask(again: true, connection =>
    {
        using var snapshot = connection.BeginTransaction(IsolationLevel.RepeatableRead);
        return query(connection);
    });

    // Every commit is on the server's disk, synced or not: what was acknowledged must outlive the server too. One whose
    // answer was lost may have been done, so that nothing here does it again.
    public void Write(Action<JournalWriter> act) => Ask(again: false, connection =>
    {
        using var writer = new JournalWriter(connection, (_, change) =>
        {
            using var transaction = connection.BeginTransaction();
            change();
            transaction.Commit();
        });
        act(writer);
        return true;
    });

    public void Dispose()
    {
        // Connections are the pool's.
    }

    /// <summary>Does something on a connection of the pool.</summary>
    /// <param name="again">Whether it may be done twice: a connection that was idle is often the first to learn that the server was started anew.</param>
    /// <param name="act">What.</param>
    private T Ask<T>(bool again, Func<NpgsqlConnection, T> act)
    {
        if (_silence is { } silence && _clock.GetElapsedTime(silence.Since) < Rest)
        {
            throw new NpgsqlException(silence.Failure.Message, silence.Failure);
        }

        NpgsqlConnection? connection = null;
        try
        {
            connection = Open();
            var result = act(connection);
            _silence = null;
            return result;
        }
        catch (Exception e) when (PostgresFault.IsSilence(e))
        {
            // The other connections of the pool are of the same server.
            NpgsqlConnection.ClearPool(connection ?? new NpgsqlConnection(_connection));
            if (again && connection is not null)
            {
                return Ask(again: false, act);
            }

            _silence = new Silence(_clock.GetTimestamp(), e);
            throw;
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_connection);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private sealed record Silence(long Since, Exception Failure);
}
