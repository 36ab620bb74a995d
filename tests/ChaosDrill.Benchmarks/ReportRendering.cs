using System.Diagnostics;
using ChaosDrill.Model;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Store;

namespace ChaosDrill.Benchmarks;

/// <summary>A page with every line of a long timeline: time and memory, and how both grow with the lines.</summary>
/// <remarks>
/// Each size is rendered in a process of its own: a page is rendered once after a drill, and memory is counted from the start.
/// The limits are for <see cref="PostMortem.Html"/>, record in and text out, in a process that has filled the templates once
/// before, as <c>run</c> does while the drill goes on. What that costs in a process that has not, and the whole command
/// <c>chaosdrill report</c> with everything around it, is printed beside it.
/// </remarks>
internal static class ReportRendering
{
    /// <summary>Marks the process that renders; the number of lines follows, and <see cref="Cold"/> for one that has not filled the templates before.</summary>
    public const string Argument = "--render";

    private const string Cold = "cold";

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
                List<double[]> cold = [.. Enumerable.Range(0, Runs).Select(_ => InProcess(rows, Cold))];
                Console.WriteLine($"{rows:N0} lines in a process that has filled no template before: {Sample.Percentile([.. cold.Select(r => r[0])], 0.5):0} ms");
                WholeCommand(rows);
            }
        }

        return Task.CompletedTask;
    }

    // Start, reading and judging the drill, page, Markdown with its drawings, JSON and JUnit, as a user waits for them.
    private static void WholeCommand(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-report");
        try
        {
            var (store, record) = (Path.Combine(folder.FullName, "drills.db"), Drill(rows).Record);
            using (var drills = DrillStore.Open(store))
            {
                drills.Begin(record.Header);
                drills.Append(record.Header.Id, record.Timeline);
                drills.End(record.Header.Id, record.End!, Judge.Of(record));
            }

            var (times, _) = Sample.Processes(Runs, [Path.Combine(Sample.Root, "chaosdrill"), "report", record.Header.Id, "--store", store, "--output", Path.Combine(folder.FullName, "report")], null);
            Console.WriteLine($"{rows:N0} lines, the whole command chaosdrill report, all documents: {Sample.Text(times, "ms")}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Renders in this process and prints what <see cref="RunAsync"/> reads.</summary>
    public static int Render(int rows, bool isCold)
    {
        var (record, judgement) = Drill(rows);
        if (!isCold && TemplateCheck.Filling(TemplateFolder.Shipped).Count > 0)
        {
            throw new InvalidOperationException("the shipped templates are wrong");
        }

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

    private static double[] InProcess(int rows, params string[] more)
    {
        using var process = Process.Start(Sample.Command([Environment.ProcessPath!, Argument, $"{rows}", .. more]))!;
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
