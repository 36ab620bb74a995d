namespace ChaosDrill.Store.Tests;

/// <summary>A store that goes away with the test: a file, or a schema of its own on a server.</summary>
public sealed class TempStore(PostgresServer? server) : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>What <c>--store</c> would say.</summary>
    public string Target => field ??= server is null ? _folder.Store : server.NewStore();

    public void Dispose() => _folder.Dispose();
}
