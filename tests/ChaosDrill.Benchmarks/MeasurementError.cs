using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>Fifty kills in real time over HTTPS: what the drill measured beside what really happened.</summary>
internal static class MeasurementError
{
    private const int Kills = 50;

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bench");
        try
        {
            await using var twin = new TwinCluster(new TwinOptions { Nodes = 3, Seed = 1 });
            twin.Start();
            twin.Apply(TwinKill.Manifest(replicas: 3, readyDelay: "200ms"));
            await twin.WaitUntilSettledAsync(TimeSpan.FromSeconds(30));
            await using var server = await twin.ServeAsync();
            var kubeconfig = Path.Combine(folder.FullName, "config");
            server.WriteKubeconfig(kubeconfig);
            await using var client = new KubernetesClient(Kubeconfig.Load(kubeconfig).Select(), TimeProvider.System);
            var judgement = await TwinKill.RunAsync(
                twin, client, TimeProvider.System, TwinKill.Scenario(Kills, "300ms"), Path.Combine(folder.FullName, "drills.db"));
            var truth = TwinKill.Truth(twin, replicas: 3);
            var measured = judgement.Objectives[0].Measure.Values;
            if (measured.Count != Kills || truth.Count != Kills)
            {
                Console.WriteLine($"{measured.Count} of {Kills} measured, {truth.Count} true: {judgement.Reason}");
                return;
            }

            List<double> errors = [.. measured.Zip(truth, (m, t) => Math.Abs((m.Value!.Value * 1000) - t))];
            var covered = measured.Zip(truth, (m, t) => m.Low * 1000 <= t + 0.5 && m.High * 1000 >= t - 0.5).Count(c => c);
            Console.WriteLine($"error of the recovery time: {Sample.Text(errors, "ms")}");
            Console.WriteLine($"stated bounds hold the truth in {covered} of {Kills} kills; bounds are {Sample.Text([.. measured.Select(m => (m.High!.Value - m.Low!.Value) * 1000)], "ms")} wide");
            Sample.Against("error, p99", Sample.Percentile(errors, 0.99), 20, "ms");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
