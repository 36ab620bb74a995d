using System.Diagnostics;
using ChaosDrill.Model;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Benchmarks;

/// <summary>A page with every line of a long timeline: time and memory, and how both grow with the lines.</summary>
/// <remarks>Each size is rendered in a process of its own: a page is rendered once after a drill, and memory is counted from the start.</remarks>
internal static class ReportRendering
{
    /// <summary>Marks the process that renders; the number of lines follows.</summary>
    public const string Argument = "--render";

    private const int Runs = 7;

    private static readonly WorkloadReference Storefront = new("deployment", "storefront");

    public static Task RunAsync()
    {
        double? before = null;
        foreach (var rows in new[] { 100, 1_000, 10_000, 25_000 })
        {
            List<double[]> runs = [.. Enumerable.Range(0, Runs).Select(_ => InProcess(rows))];
            double Median(int column) => Sample.Percentile([.. runs.Select(r => r[column])], 0.5);
            var growth = before is { } smaller ? $", {Median(1) / smaller:0.0} times the row above" : "";
            before = Median(1);
            Console.WriteLine(
                $"{rows:N0} lines: first page {Median(0):0} ms ({Median(5):0} ms of the processor), later pages {Median(1):0} ms{growth}; at most {Median(2):0} MB of memory for all of it, {Median(3):0} MB before; page of {Median(4):0.0} MB");
            if (rows == 10_000)
            {
                Sample.Against("10,000 lines, first page of a process", Median(0), 300, "ms");
                Sample.Against("10,000 lines, later pages", Median(1), 300, "ms");
                Sample.Against("10,000 lines, memory of the whole process", Median(2), 150, "MB");
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Renders in this process and prints what <see cref="RunAsync"/> reads.</summary>
    public static int Render(int rows)
    {
        var (record, judgement) = Drill(rows);

        // As "run" does while the drill goes on: the templates are tried before they are needed.
        _ = PostMortem.Html(record with { Timeline = [] }, judgement, TemplateFolder.Shipped);
        var idle = Environment.WorkingSet / 1e6;
        var busy = Environment.CpuUsage.TotalTime;
        var times = new double[4];
        var length = 0;
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            length = PostMortem.Html(record, judgement, TemplateFolder.Shipped).Length;
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            busy = i == 0 ? Environment.CpuUsage.TotalTime - busy : busy;
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(FormattableString.Invariant($"{times[0]} {times[1..].Order().ElementAt(1)} {self.PeakWorkingSet64 / 1e6} {idle} {length / 1e6} {busy.TotalMilliseconds}"));
        return 0;
    }

    private static double[] InProcess(int rows)
    {
        using var process = Process.Start(Sample.Command(Environment.ProcessPath!, Argument, $"{rows}"))!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. text.Split(' ').Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];
    }

    // Pods come and go and a probe flaps: nothing can be told in runs, each entry is a line of its own.
    private static (DrillRecord Record, Judgement Judgement) Drill(int rows)
    {
        var header = new DrillHeader
        {
            Id = "storefront-pod-kill-20261121-025958-k3fq", Scenario = "storefront-pod-kill", Source = new ScenarioSource("pod-kill.yaml", "", ""),
            StartedAt = new DateTimeOffset(2026, 11, 21, 2, 59, 58, TimeSpan.Zero), TimeZone = "Europe/Berlin", ToolVersion = "bench",
            Plan = new Plan
            {
                Scenario = "storefront-pod-kill", ScenarioDigest = "", Cluster = new ClusterIdentity("twin", "", "v1.36.2", true), Namespace = "shop", Seed = 1, Repeat = 1,
                Steps = [], Access = [], Refusals = [],
            },
            Probes = [new ProbeTimetable("storefront", "GET /healthz", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1))],
            Awaits = [],
            Objectives = [new AvailabilityGoal { Probe = "storefront", AtLeast = new Ratio(0.99) }],
            SteadyState = [Storefront],
        };
        List<TimelineEntry> timeline = [];
        for (var i = 0; i < rows; i++)
        {
            var at = TimeSpan.FromMilliseconds(100 * i);
            TimelineEvent seen = (i % 4) switch
            {
                0 => new PodObserved(Storefront, $"storefront-6d5f7c9b8-{i:x5}", $"uid-{i}", (PodMilestone)(i / 4 % 7), "node1"),
                1 => new WorkloadObserved(Storefront, 3, i / 4 % 4, 3),
                _ => new ProbeSampled("storefront", i / 2, at, at, i % 4 == 2 ? SampleOutcome.Failure : SampleOutcome.Success, i % 4 == 2 ? "503 no endpoints available for service \"storefront\"" : null),
            };
            timeline.Add(new TimelineEntry(i + 1, at, seen));
        }

        var record = new DrillRecord(header, timeline, new DrillEnd(DrillEnding.Completed, TimeSpan.FromMilliseconds(100 * rows), null, true));
        return (record, Judge.Of(record));
    }
}
