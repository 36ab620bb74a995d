using System.Diagnostics;
using System.Globalization;
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

/// <summary>Two hundred drills at once in real time, each in a namespace of one twin: time, memory, requests; and how they grow from a tenth of that.</summary>
internal static class DrillsAtOnce
{
    private const int Most = 200;

    public static Task RunAsync() => ManySchedules.OnBothAsync(async (_, store) =>
    {
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 20, Seed = 1 });
        twin.Start();
        for (var i = 0; i < Most; i++)
        {
            twin.Apply(TwinKill.Manifest(replicas: 3, readyDelay: "200ms").Replace("shop", $"shop{i}", StringComparison.Ordinal));
        }

        using var journal = DrillStore.Open(store);
        Cost? before = null;
        foreach (var drills in (int[])[Most / 10, Most])
        {
            await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
            before = await RunAsync(twin, journal, drills, before);
        }
    });

    private static async Task<Cost> RunAsync(TwinCluster twin, DrillStore journal, int drills, Cost? before)
    {
        using var counter = new Counter(twin.CreateHandler());
        var (memory, cpu, begin) = (GC.GetTotalMemory(forceFullCollection: true), Cpu(), Stopwatch.GetTimestamp());
        using var watching = new CancellationTokenSource();
        var most = MostAsync(watching.Token);
        var judgements = await Task.WhenAll(Enumerable.Range(0, drills).Select(i => Task.Run(() => DrillAsync(counter, journal, $"bench-{drills}-{i}", $"shop{i}"))))
            .WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
        var took = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        watching.Cancel();
        var cost = new Cost(took, (Cpu() - cpu).TotalSeconds / drills, (await most - memory) / 1024.0 / drills, counter.Count / (double)drills);
        var recovered = judgements.Select(j => j.Objectives[0].Measure).Where(m => m.Values is [{ Value: not null }]).ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{drills} drills at once: {took:0.0} s, {string.Join(", ", judgements.GroupBy(j => j.Outcome).Select(g => $"{g.Count()} {g.Key}"))}; for each {cost.Cpu * 1000:0} ms of CPU, {cost.Memory:0} kB of memory at most, {cost.Requests:0} requests (twin and its probes included)"));
        Console.WriteLine($"  recovery time measured: {Sample.Text([.. recovered.Select(m => m.Values[0].Value!.Value * 1000)], "ms")}");
        if (before is not null)
        {
            Sample.Against("  time, beside a tenth of them", took / before.Time, 10, "times");
            Sample.Against("  memory for each, beside a tenth of them", cost.Memory / before.Memory, 1.5, "times");
            Sample.Against("  requests for each, beside a tenth of them", cost.Requests / before.Requests, 1.5, "times");
            Sample.Against("  memory of all", cost.Memory * drills / 1024, 256, "MB");
        }

        return cost;
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

    private static async Task<Judgement> DrillAsync(HttpMessageHandler transport, IJournal journal, string id, string ns)
    {
        var text = TwinKill.Scenario(1, "2s").Replace("namespace: shop", $"namespace: {ns}", StringComparison.Ordinal);
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).Read(text, "bench.yaml");
        var client = new KubernetesClient(new Uri("https://twin.invalid"), transport, TimeProvider.System);
        await using var cluster = new KubernetesCluster(client, "twin", isTwin: true);
        var plan = await Planner.PlanAsync(scenario, cluster, 1, CancellationToken.None);
        var header = DrillHeaders.For(scenario, plan, id, TimeProvider.System.GetUtcNow(), "bench", p => p.Name);
        using var abort = new AbortSwitch();
        return (await new DrillRun(scenario, header, cluster, journal, TimeProvider.System, abort).RunAsync()).Judgement;
    }

    /// <param name="Time">Of all, in s.</param>
    /// <param name="Cpu">Of one drill, in s.</param>
    /// <param name="Memory">Of one drill, in kB.</param>
    /// <param name="Requests">Of one drill.</param>
    private sealed record Cost(double Time, double Cpu, double Memory, double Requests);

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
