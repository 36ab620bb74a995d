using System.Net;
using System.Net.Sockets;
using ChaosDrill.Store;
using ChaosDrill.Tests.Process;
using Microsoft.Data.Sqlite;

namespace ChaosDrill.Tests.Worker;

/// <summary>A worker that cannot do what it is told says so at once, and not by night.</summary>
public sealed class WorkerWrongInputTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public WorkerWrongInputTests() => Directory.CreateDirectory(Path.Combine(_chaosdrill.Folder, "drills"));

    public void Dispose() => _chaosdrill.Dispose();

    [Theory]
    [InlineData("--scenarios nowhere", 64, "--scenarios: there is no folder nowhere; name one that holds scenario files")]
    [InlineData("--scenarios drills --context nowhere --kubeconfig kc", 64, "nowhere")]
    [InlineData("--scenarios drills --context nowhere --kubeconfig missing", 64, "missing")]
    [InlineData("--scenarios drills --token-file missing", 64, "the token file missing cannot be read: there is no such file; check the path")]
    [InlineData("--scenarios drills --set Night", 64, "--set is a name of up to 40 lower-case letters, digits and hyphens, not \"Night\"")]
    [InlineData("--scenarios drills --set night", 64, "--set night: one store file has one worker; sets are for a PostgreSQL that several share, named with --store")]
    [InlineData("--scenarios drills --grace 5", 64, "--grace is a time with a unit, up to 1h, such as 30s, not \"5\"")]
    [InlineData("--scenarios drills --listen 192.0.2.1:8686", 3, "give --tls-certificate, --tls-key and --token-file, or listen on 127.0.0.1")]
    [InlineData("--scenarios drills --store Host=127.0.0.1;Port=1;Database=x", 3, "the server does not answer")]
    public async Task Start_WithWhatCannotBe_IsOneMessage(string arguments, int code, string message)
    {
        _chaosdrill.Write("kc", "apiVersion: v1\nkind: Config\nclusters: [ { name: c, cluster: { server: \"https://127.0.0.1:1\" } } ]\nusers: [ { name: u, user: { token: t } } ]\ncontexts: [ { name: here, context: { cluster: c, user: u } } ]\n");

        IsOneError(await _chaosdrill.RunAsync(["worker", .. arguments.Split(' ')]), code, message);
    }

    [Fact]
    public async Task Start_OnAPortThatIsTaken_IsRefused()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        IsOneError(await _chaosdrill.RunAsync("worker", "--scenarios", "drills", "--listen", address), 3, $"the worker cannot listen on {address}");
    }

    [Fact]
    public async Task Start_OnAStoreOfANewerProgram_IsRefusedAndLeftAsItIs()
    {
        var file = Path.Combine(_chaosdrill.Folder, "drills.db");
        DrillStore.Open(file).Dispose();
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            using var newer = connection.CreateCommand();
            newer.CommandText = "PRAGMA user_version = 99";
            newer.ExecuteNonQuery();
        }

        IsOneError(await _chaosdrill.RunAsync("worker", "--scenarios", "drills", "--store", file, "--listen", "127.0.0.1:0"), 3, "was written by a newer ChaosDrill: its form is 99");
    }

    private static void IsOneError(Ended ended, int code, string message)
    {
        Assert.Equal(code, ended.Code);
        var said = Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", said, StringComparison.Ordinal);
        Assert.Contains(message, said, StringComparison.Ordinal);
    }
}
