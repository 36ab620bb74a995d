using System.Data.Common;

namespace ChaosDrill.Store;

/// <summary>The database under a store, whichever it is.</summary>
/// <remarks>Thread-safe. Its members throw what the driver throws; <see cref="StoreFault"/> puts that in words.</remarks>
internal interface IDatabase : IDisposable
{
    /// <summary>What messages call it: a path, or a server without the password.</summary>
    string Place { get; }

    /// <summary>Reads in one snapshot.</summary>
    T Read<T>(Func<DbConnection, T> query);

    /// <summary>Writes.</summary>
    void Write(Action<JournalWriter> act);
}
