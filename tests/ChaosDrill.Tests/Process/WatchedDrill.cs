using System.Text.Json;

namespace ChaosDrill.Tests.Process;

/// <summary>A short drill whose subject is watched by a Prometheus.</summary>
internal sealed class WatchedDrill : IDisposable
{
    public Chaosdrill Program { get; } = new();

    public void Dispose() => Program.Dispose();

    /// <summary>A scenario that scales the storefront to zero and back.</summary>
    /// <returns>Where it lies.</returns>
    public string Write(string prometheus, string objectives, string wait = "1s", string more = "") => Program.Write("watched.yaml", $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: watched }
        spec:
          cluster: { namespace: shop }
          twin: { nodes: 1, manifests: [{{Repository.Path("scenarios", "twin", "shop.yaml")}}] }
          prometheus: { url: "{{prometheus}}" }
        {{more}}
          steps:
            - name: Scale to zero
              scale: { workload: deployment/storefront, replicas: 0, maxDuration: 5m }
            - wait: { for: {{wait}} }
            - undo: { step: Scale to zero }
          objectives:
        {{objectives}}
        """);

    /// <summary>Runs it to its end.</summary>
    public async Task<(int Code, List<(string Name, string Verdict, string Reason)> Objectives)> RunAsync(string prometheus, string objectives, string wait = "1s")
    {
        var ended = await Program.RunAsync("run", Write(prometheus, objectives, wait), "--output", "json");
        Assert.True(ended.Out.Length > 0, ended.Error);
        using var result = JsonDocument.Parse(ended.Out);
        return (ended.Code, [.. result.RootElement.GetProperty("objectives").EnumerateArray().Select(o => (
            o.GetProperty("goal").GetProperty("name").GetString()!, o.GetProperty("verdict").GetString()!, o.GetProperty("reason").GetString()!))]);
    }
}
