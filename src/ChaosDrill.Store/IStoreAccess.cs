using System.Data.Common;

namespace ChaosDrill.Store;

/// <summary>What parts of a store ask of it; failures are in words already.</summary>
internal interface IStoreAccess
{
    /// <summary>Reads in one snapshot.</summary>
    T Read<T>(string what, Func<DbConnection, T> query);

    /// <summary>Writes in one transaction, on disk before this returns.</summary>
    T Write<T>(string what, Func<DbConnection, T> change);
}
