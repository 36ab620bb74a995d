using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ChaosDrill.Testing;

/// <summary>Debian's Prometheus, in a folder and on a port of its own; scrapes and evaluates every second.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-prometheus");
    private readonly Process _process;
    private readonly HttpClient _http;

    /// <param name="target">Host and port that it scrapes; null for nothing.</param>
    /// <param name="rules">Alerting rules, as a list in YAML.</param>
    public PrometheusServer(string? target = null, string rules = "")
    {
        var port = FreePort();
        Url = $"http://127.0.0.1:{port}";
        _http = new HttpClient { BaseAddress = new Uri(Url) };
        File.WriteAllText(Path.Combine(_folder.FullName, "rules.yml"), rules.Length == 0 ? "" : $"groups: [ {{ name: tests, rules: {rules} }} ]");
        File.WriteAllText(Path.Combine(_folder.FullName, "prometheus.yml"), $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [ rules.yml ]
            scrape_configs: [ {{(target is null ? "" : "{ job_name: chaosdrill, static_configs: [ { targets: [\"" + target + "\"] } ] }")}} ]
            """);
        _process = Process.Start(new ProcessStartInfo(
            "prometheus",
            [
                $"--config.file={_folder.FullName}/prometheus.yml", $"--storage.tsdb.path={_folder.FullName}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
            ]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Url { get; }

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<PrometheusServer> StartAsync(string? target = null, string rules = "")
    {
        var server = new PrometheusServer(target, rules);
        await server.UntilAsync("vector(1)");
        return server;
    }

    /// <summary>Asks until there is a sample, and returns the whole answer.</summary>
    public async Task<string> UntilAsync(string query)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (true)
        {
            try
            {
                var answer = await _http.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query), limit.Token);
                using var json = JsonDocument.Parse(answer);
                if (json.RootElement.GetProperty("data").GetProperty("result").GetArrayLength() > 0)
                {
                    return answer;
                }
            }
            catch (HttpRequestException)
            {
                // It starts.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, limit.Token);
        }
    }

    /// <summary>Kills it; its address answers no more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
