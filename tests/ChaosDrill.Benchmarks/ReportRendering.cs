using System.Diagnostics;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Benchmarks;

/// <summary>The page of a drill with ten thousand timeline entries: time and memory of making it, judged once.</summary>
internal static class ReportRendering
{
    private const int Entries = 10_000;

    private static readonly WorkloadReference Storefront = new("deployment", "storefront");

    public static Task RunAsync()
    {
        var record = Drill();
        var judgement = Judge.Of(record);
        _ = PostMortem.Html(record, judgement, TemplateFolder.Shipped);
        List<double> times = [];
        long allocated = 0;
        for (var i = 0; i < 15; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var page = PostMortem.Html(record, judgement, TemplateFolder.Shipped);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (i == 0)
            {
                Console.WriteLine($"{record.Timeline.Count} entries, a page of {page.Length / 1024} KB");
            }
        }

        var sorted = times.Order().ToList();
        Sample.Against("page of 10,000 entries, median", sorted[sorted.Count / 2], 300, "ms");
        Sample.Against("page of 10,000 entries, allocated", allocated / 1024.0 / 1024.0, 150, "MB");
        Sample.Against("process at its largest", Process.GetCurrentProcess().PeakWorkingSet64 / 1024.0 / 1024.0, 150, "MB");
        return Task.CompletedTask;
    }

    /// <summary>A drill whose probe flaps, so that the entries do not fold into a few lines.</summary>
    internal static DrillRecord Drill()
    {
        List<TimelineEntry> timeline = [];
        void Add(double at, TimelineEvent seen) => timeline.Add(new TimelineEntry(timeline.Count + 1, TimeSpan.FromSeconds(at), seen));
        var victim = new Target("Pod", "shop", "storefront-1", "uid-1");
        Add(0, new StageEntered(DrillStage.Steps));
        Add(0, new WorkloadObserved(Storefront, 3, 3, 3));
        Add(1, new StepStarted(0, 1));
        Add(1, new FaultRequested(0, 1, victim));
        Add(1.1, new FaultTookEffect(0, 1, victim, "the pod's uid is gone"));
        Add(1.2, new WorkloadObserved(Storefront, 3, 2, 2));
        for (var slot = 0; timeline.Count < Entries - 2; slot++)
        {
            var at = 1.3 + (slot * 0.1);
            Add(at + 0.01, new ProbeSampled("storefront", slot, TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(at), slot % 17 == 3 ? SampleOutcome.Failure : SampleOutcome.Success, slot % 17 == 3 ? "status 503" : null));
            if (slot % 5 == 0)
            {
                Add(at + 0.02, new ClusterEventSeen("pod/storefront-2", "Pulled", $"image {slot}", null));
            }
        }

        Add(1200, new WorkloadObserved(Storefront, 3, 3, 3));
        Add(1210, new StageEntered(DrillStage.Ended));
        return new DrillRecord(
            new DrillHeader
            {
                Id = "bench", Scenario = "bench", Source = new ScenarioSource("bench.yaml", "", ""), StartedAt = DateTimeOffset.UnixEpoch, ToolVersion = "bench",
                Plan = new Plan { Scenario = "bench", ScenarioDigest = "", Cluster = new ClusterIdentity("twin", "", "", true), Namespace = "shop", Seed = 1, Repeat = 1, Steps = [], Access = [], Refusals = [] },
                Probes = [new ProbeTimetable("storefront", "GET /", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1))],
                Awaits = [new RecoveryAwait(1, [Storefront], TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30))],
                Objectives = [new RecoveryTimeGoal { Of = Storefront, AtMost = TimeSpan.FromSeconds(30) }, new AvailabilityGoal { Probe = "storefront", AtLeast = new Model.Ratio(0.9) }],
                SteadyState = [],
            },
            timeline, new DrillEnd(DrillEnding.Completed, TimeSpan.FromSeconds(1211), null, true));
    }
}
