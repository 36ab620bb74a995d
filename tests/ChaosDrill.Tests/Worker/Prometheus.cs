using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ChaosDrill.Tests.Worker;

/// <summary>Debian's Prometheus, scraping one target, in a folder and on a port of its own.</summary>
internal sealed class Prometheus : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-prometheus");
    private readonly System.Diagnostics.Process _process;
    private readonly HttpClient _http;

    public Prometheus(string target)
    {
        var port = FreePort();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        File.WriteAllText(Path.Combine(_folder.FullName, "prometheus.yml"), $$"""
            global: { scrape_interval: 1s }
            scrape_configs: [ { job_name: chaosdrill, static_configs: [ { targets: ["{{target}}"] } ] } ]
            """);
        _process = System.Diagnostics.Process.Start(new ProcessStartInfo(
            "prometheus",
            [
                $"--config.file={_folder.FullName}/prometheus.yml", $"--storage.tsdb.path={_folder.FullName}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
            ]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
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

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
