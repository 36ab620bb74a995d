using System.Globalization;
using System.Text;
using ChaosDrill.Actions;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Store;
using ChaosDrill.Twin;

namespace ChaosDrill.Benchmarks;

/// <summary>What verifying a restored namespace costs beside the restore itself, with growth. The twin's Velero writes 500 objects a second.</summary>
internal static class VeleroVerification
{
    private const string Scenario = """
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: bench }
        spec:
          cluster: { namespace: shop }
          steps:
            - veleroBackupSelect: { backup: nightly }
            - veleroRestoreVerify: {}
          objectives:
            - restoreFidelity: { atLeast: 100% }
        """;

    public static async Task RunAsync()
    {
        var small = await RunAsync(500);
        var large = await RunAsync(5_000);
        Sample.Against("verification of 5,000 objects beside their restore", large.Verify / large.Restore, 1, "times");
        Sample.Against("growth of the verification from 500 to 5,000 objects", large.Verify / small.Verify, 15, "times");
    }

    private static async Task<(TimeSpan Restore, TimeSpan Verify)> RunAsync(int objects)
    {
        var clock = TimeProvider.System;
        await using var twin = new TwinCluster(new TwinOptions { Velero = true, Nodes = 1 });
        twin.Start();
        twin.Apply("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n");
        await using var client = new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock);
        for (var i = 0; i < objects; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"settings-{i:00000}");
            await client.CreateAsync(Resources.ConfigMaps, "shop", new ConfigMap
            {
                Metadata = new ObjectMeta { Name = name, Namespace = "shop" }, Data = new Dictionary<string, string> { ["filler"] = new((char)('a' + (i % 26)), 900) },
            });
        }

        twin.Apply("apiVersion: velero.io/v1\nkind: Backup\nmetadata: { name: nightly, namespace: velero }\nspec: { includedNamespaces: [shop] }\n");
        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(5));
        var scenario = new ScenarioReader(ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes)).Read(Scenario, "bench.yaml");
        await using var cluster = new KubernetesCluster(new KubernetesClient(new Uri("https://twin"), twin.CreateHandler(), clock), "twin", isTwin: true);
        var plan = await Planner.PlanAsync(scenario, cluster, 1, CancellationToken.None);
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bench-").FullName;
        try
        {
            using var journal = DrillStore.Open(Path.Combine(folder, "bench.db"));
            var header = DrillHeaders.For(scenario, plan, "bench", clock.GetUtcNow(), "bench", p => p.Name);
            using var abort = new AbortSwitch();
            var (record, judgement) = await new DrillRun(scenario, header, cluster, journal, clock, abort).RunAsync();
            if (judgement.Outcome != DrillOutcome.Pass)
            {
                throw new InvalidOperationException(judgement.Reason);
            }

            // Waiting for readiness is neither: there is nothing to become ready.
            var read = At(record, PhaseNames.RestoreStarted) - record.Timeline.Last(e => e.Event is StepStarted { Step: 1 }).At;
            var restore = At(record, PhaseNames.Restored) - At(record, PhaseNames.RestoreStarted);
            var compare = At(record, PhaseNames.Verified) - At(record, PhaseNames.Healthy);
            var line = new StringBuilder();
            line.Append(CultureInfo.InvariantCulture, $"{objects,6:N0} objects: restore {restore.TotalSeconds:0.00} s; reading the backup {read.TotalSeconds:0.00} s, comparing {compare.TotalSeconds:0.00} s");
            Console.WriteLine(line);
            return (restore, read + compare);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TimeSpan At(DrillRecord record, string phase) => record.Timeline.First(e => e.Event is PhaseReached reached && reached.Phase == phase).At;
}
