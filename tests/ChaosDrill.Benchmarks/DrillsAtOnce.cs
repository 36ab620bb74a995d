using System.Diagnostics;
using ChaosDrill.Actions;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>Two hundred drills at once in real time, each in a namespace of one twin: time, memory, requests.</summary>
internal static class DrillsAtOnce
{
    private const int Drills = 200;

    public static Task RunAsync() => ManySchedules.OnBothAsync((folder, store) => RunAsync(store).GetAwaiter().GetResult());

    private static async Task RunAsync(string store)
    {
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 20, Seed = 1 });
        twin.Start();
        for (var i = 0; i < Drills; i++)
        {
            twin.Apply(TwinKill.Manifest(replicas: 3, readyDelay: "200ms").Replace("shop", $"shop{i}", StringComparison.Ordinal));
        }

        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
        using var counter = new Counter(twin.CreateHandler());
        using var journal = DrillStore.Open(store);
        var before = (GC.GetTotalMemory(forceFullCollection: true), Cpu());
        var begin = Stopwatch.GetTimestamp();
        using var watching = new CancellationTokenSource();
        var most = MostAsync(watching.Token);
        var judgements = await Task.WhenAll(Enumerable.Range(0, Drills).Select(i => Task.Run(() => DrillAsync(counter, journal, $"shop{i}"))));
        var took = Stopwatch.GetElapsedTime(begin);
        watching.Cancel();
        Console.WriteLine($"{Drills} drills at once: {took.TotalSeconds:0.0} s, {(Cpu() - before.Item2).TotalSeconds:0.0} s of CPU, {(await most - before.Item1) / 1048576.0:0} MB of managed memory more at most, {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:0} MB at most for twin and drills");
        Console.WriteLine($"requests: {counter.Count}, {counter.Count / (double)Drills:0} for each drill; {string.Join(", ", judgements.GroupBy(j => j.Outcome).Select(g => $"{g.Count()} {g.Key}"))}");
        Console.WriteLine($"recovery time measured: {Sample.Text([.. judgements.SelectMany(j => j.Objectives[0].Measure.Values).Select(v => (v.Value ?? double.NaN) * 1000)], "ms")}");
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;

    private static async Task<long> MostAsync(CancellationToken cancellationToken)
    {
        for (var most = 0L; ; most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false)))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return most;
            }

            await Task.Delay(100, CancellationToken.None);
        }
    }

    private static async Task<Judgement> DrillAsync(HttpMessageHandler transport, IJournal journal, string ns)
    {
        var text = TwinKill.Scenario(1, "2s").Replace("namespace: shop", $"namespace: {ns}", StringComparison.Ordinal);
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).Read(text, "bench.yaml");
        var client = new KubernetesClient(new Uri("https://twin.invalid"), transport, TimeProvider.System);
        await using var cluster = new KubernetesCluster(client, "twin", isTwin: true);
        var plan = await Planner.PlanAsync(scenario, cluster, 1, CancellationToken.None);
        var header = DrillHeaders.For(scenario, plan, $"bench-{ns}", TimeProvider.System.GetUtcNow(), "bench", p => p.Name);
        using var abort = new AbortSwitch();
        return (await new DrillRun(scenario, header, cluster, journal, TimeProvider.System, abort).RunAsync()).Judgement;
    }

    private sealed class Counter(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private int _count;

        public int Count => _count;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
