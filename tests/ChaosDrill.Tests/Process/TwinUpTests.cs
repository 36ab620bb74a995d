using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Tests.Process;

/// <summary>A twin that stays up, used as a real cluster is: over TLS, by name, through a kubeconfig.</summary>
public sealed partial class TwinUpTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    // In real time a busy machine misses samples, and a drill that missed some says so: only the watched recovery is judged here.
    private string RecoveryOnly() => _chaosdrill.Write("recovery.yaml", string.Join('\n', File.ReadAllLines(Chaosdrill.Scenario)
        .Where(l => !l.Contains("availability:", StringComparison.Ordinal) && !l.Contains("longestOutage:", StringComparison.Ordinal) && !l.Contains("latency:", StringComparison.Ordinal))));

    [Fact]
    public async Task Drill_OnATwinThatStaysUp_KeepsOthersOutPassesAndTheTwinEndsCleanly()
    {
        using var twin = _chaosdrill.Start("twin", "up");
        var said = await twin.UntilAsync("All deployments are ready");
        var kubeconfig = Exported().Match(said).Groups[1].Value;
        Assert.True(File.Exists(kubeconfig));

        using var running = _chaosdrill.Start("run", RecoveryOnly(), "--context", "twin", "--kubeconfig", kubeconfig);
        await running.UntilAsync("fault took effect");
        var second = await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--context", "twin", "--kubeconfig", kubeconfig);
        Assert.Equal(3, second.Code);
        Assert.Contains("REFUSED  another drill holds namespace shop", second.Out, StringComparison.Ordinal);

        var drill = await running.EndAsync();
        Assert.True(drill.Code == 0, drill.Out + drill.Error);
        Assert.Contains("storefront-pod-kill on twin (v", drill.Out, StringComparison.Ordinal);

        twin.Signal("TERM");
        var ended = await twin.EndAsync();
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.False(File.Exists(kubeconfig));
    }

    [Fact]
    public async Task Drill_KilledOnACluster_IsUndoneByTheNextRun()
    {
        using var twin = _chaosdrill.Start("twin", "up");
        var kubeconfig = Exported().Match(await twin.UntilAsync("All deployments are ready")).Groups[1].Value;
        using (var running = _chaosdrill.Start("run", Chaosdrill.Scenario, "--context", "twin", "--kubeconfig", kubeconfig))
        {
            await running.UntilAsync("fault took effect");
            running.Signal("KILL");
            await running.EndAsync();
        }

        using var next = _chaosdrill.Start("run", Chaosdrill.Scenario, "--context", "twin", "--kubeconfig", kubeconfig);
        var said = await next.UntilAsync("checking the steady state");
        next.Signal("INT");
        Assert.Contains("put back what drill storefront-pod-kill-", said, StringComparison.Ordinal);
        Assert.Contains("lease shop/chaosdrill removed", said, StringComparison.Ordinal);
        Assert.Equal(4, (await next.EndAsync()).Code);
    }

    [Fact]
    public async Task Backup_OutlivesAKilledTwin_AndTheNextOneOnItsBucketRestoresIt()
    {
        var bucket = Path.Combine(_chaosdrill.Folder, "bucket");
        var stop = TestContext.Current.CancellationToken;
        using (var first = _chaosdrill.Start("twin", "up", "--velero", "--bucket", bucket))
        {
            await using var client = Client(await first.UntilAsync("All deployments are ready"));
            await CreateAsync(client, "backups", "Backup", "kept", new JsonObject { ["includedNamespaces"] = new JsonArray("shop"), ["storageLocation"] = "default", ["ttl"] = "24h" });
            await UntilCompletedAsync(client, "backups", "Backup", "kept");
            first.Signal("KILL");
            await first.EndAsync();
        }

        using var next = _chaosdrill.Start("twin", "up", "--velero", "--bucket", bucket);
        await using var other = Client(await next.UntilAsync("All deployments are ready"));
        await UntilCompletedAsync(other, "backups", "Backup", "kept");
        await CreateAsync(other, "restores", "Restore", "back", new JsonObject { ["backupName"] = "kept", ["namespaceMapping"] = new JsonObject { ["shop"] = "shop-again" } });
        await UntilCompletedAsync(other, "restores", "Restore", "back");
        Assert.Equal(
            (await other.ListAsync(Resources.Deployments, "shop", null, stop)).Items.Select(d => d.Metadata.Name),
            (await other.ListAsync(Resources.Deployments, "shop-again", null, stop)).Items.Select(d => d.Metadata.Name));
        next.Signal("TERM");
        Assert.Equal(0, (await next.EndAsync()).Code);
    }

    private static KubernetesClient Client(string said) => new(Kubeconfig.Load(Exported().Match(said).Groups[1].Value).Select("twin"), TimeProvider.System);

    private static async Task CreateAsync(KubernetesClient client, string plural, string kind, string name, JsonObject spec)
    {
        using var item = JsonDocument.Parse(new JsonObject { ["apiVersion"] = "velero.io/v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "velero" }, ["spec"] = spec }.ToJsonString());
        await client.CreateAsync(Resources.Any("velero.io", "v1", plural, kind, namespaced: true), "velero", item.RootElement.Clone(), null, TestContext.Current.CancellationToken);
    }

    private static async Task UntilCompletedAsync(KubernetesClient client, string plural, string kind, string name)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        var resource = Resources.Any("velero.io", "v1", plural, kind, namespaced: true);
        while (await client.FindAsync(resource, "velero", name, limit.Token) is not { ValueKind: JsonValueKind.Object } found
            || (string?)JsonObject.Create(found)!["status"]?["phase"] != "Completed")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, limit.Token);
        }
    }

    [GeneratedRegex("^export KUBECONFIG=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Exported();
}
