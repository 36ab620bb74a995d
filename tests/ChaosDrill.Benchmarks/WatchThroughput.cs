using System.Diagnostics;
using System.Globalization;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Benchmarks;

/// <summary>A watch on many pods under a steady stream of changes: memory, and the delay of each event up to the client's stamp.</summary>
internal static class WatchThroughput
{
    public static async Task RunAsync()
    {
        foreach (var pods in new[] { 1_000, 10_000 })
        {
            await RunAsync(pods, perSecond: 1_000, seconds: 10);
        }
    }

    private static async Task RunAsync(int pods, int perSecond, int seconds)
    {
        var info = new ProcessStartInfo(
            Environment.ProcessPath!, [WatchServer.Argument, $"{pods}", $"{perSecond}", $"{seconds}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var server = Process.Start(info)!;
        try
        {
            var address = await server.StandardOutput.ReadLineAsync();
            var before = Memory();
            using var handler = new SocketsHttpHandler();
            await using var client = new KubernetesClient(new Uri(address!), handler, TimeProvider.System);
            using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds + 60), TimeProvider.System);
            List<double> delays = [];
            var listed = TimeSpan.Zero;
            var begin = Stopwatch.GetTimestamp();
            await foreach (var e in client.WatchAsync(Resources.Pods, "shop", cancellationToken: stop.Token))
            {
                if (e.Type == WatchEventType.Synced)
                {
                    listed = Stopwatch.GetElapsedTime(begin);
                }
                else if (e.Type == WatchEventType.Modified)
                {
                    var stamp = long.Parse(e.Object!.Metadata.Annotations["stamp"], CultureInfo.InvariantCulture);
                    delays.Add(Stopwatch.GetElapsedTime(stamp, e.ReceivedAt).TotalMilliseconds);
                    if (delays.Count == perSecond * seconds)
                    {
                        break;
                    }
                }
            }

            Console.WriteLine(
                $"{pods} pods, {perSecond} events/s for {seconds} s: listed in {listed.TotalMilliseconds:0} ms, "
                + $"{Memory() - before:0} MB more resident memory; delay {Sample.Text(delays, "ms")}");
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
        }
    }

    private static double Memory()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64 / 1e6;
    }
}
