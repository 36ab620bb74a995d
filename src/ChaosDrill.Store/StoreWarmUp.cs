using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Store;

/// <summary>Loads what every store needs, so that a start can do so on one core while another reads the scenario.</summary>
public static class StoreWarmUp
{
    /// <summary>Loads SQLite and runs one statement in memory; touches no file.</summary>
    /// <remarks>A library that is missing is passed over: whoever opens a store is told.</remarks>
    public static void Run()
    {
        try
        {
            SqliteLibrary.Require();
            using var connection = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:;Pooling=False");
            connection.Open();
            StoreSchema.Execute(connection, "PRAGMA foreign_keys = ON");
        }
        catch (JournalException)
        {
            // Said again, with what to do, when the store is opened.
        }
    }
}
