using System.Text.Json;
using ChaosDrill.Engine.Ports;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ChaosDrill.Store;

/// <summary>Says in words what a database reports as a number.</summary>
internal static class StoreFault
{
    /// <summary>Runs something that touches the database and puts its failures in words.</summary>
    /// <param name="what">What is being done, to complete "cannot ...".</param>
    /// <param name="path">The store's file, or what its server is called.</param>
    /// <param name="act">What to run.</param>
    /// <exception cref="JournalException">It failed.</exception>
    public static T Guard<T>(string what, string path, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (SqliteException failure)
        {
            throw Explain(failure, what, path);
        }
        catch (Exception failure) when (PostgresFault.Is(failure))
        {
            throw PostgresFault.Explain(failure, what, path);
        }
        catch (JsonException failure)
        {
            throw new JournalException(
                $"Cannot {what}: something in the store {path} is not what ChaosDrill writes ({failure.Message}). " +
                "It may come from a newer ChaosDrill, or the store is damaged; what can be read of a file is saved with: sqlite3 FILE .recover", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(
                $"Cannot {what}: {failure.Message.TrimEnd('.')}. Choose a folder that can be written to for the store {path}.", failure);
        }
    }

    private static JournalException Explain(SqliteException failure, string what, string path)
    {
        var (cause, mend) = failure.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => ("the disk is full", "Free some space, then run the command again"),
            raw.SQLITE_READONLY => ("it may only be read", "Give this user the right to write to the file and its folder, or choose another store"),
            raw.SQLITE_PERM or raw.SQLITE_AUTH => ("this user may not open it", "Give this user the right to read and write the file and its folder"),
            raw.SQLITE_CANTOPEN => (
                "it cannot be opened or created there",
                "Check that the path names a file in a folder that exists and can be written to, or choose another store"),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (
                "another process has held its lock for too long", "Wait for that process or end it, then run the command again"),
            raw.SQLITE_NOTADB => ("it is not a SQLite database", "Choose another path; the file was left as it is"),
            raw.SQLITE_CORRUPT => (
                "it is damaged", $"Move it aside and save what can be read with: sqlite3 {path} .recover"),
            raw.SQLITE_IOERR => (
                $"the operating system reports an error of the disk (SQLite code {failure.SqliteExtendedErrorCode})",
                "Look for disk errors, a full disk or a file size limit"),
            _ => ($"SQLite reports code {failure.SqliteExtendedErrorCode}, {failure.Message}", "Check the file and its folder"),
        };

        return new JournalException($"Cannot {what}: the store {path} fails, because {cause}. {mend}.", failure);
    }
}
