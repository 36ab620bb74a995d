using System.Diagnostics;
using System.Globalization;
using ChaosDrill.Benchmarks;

if (args is [WatchServer.Argument, ..])
{
    return await WatchServer.ServeAsync(args);
}

if (args is [ReportRendering.Argument, var rows, .. var more])
{
    return ReportRendering.Render(int.Parse(rows, CultureInfo.InvariantCulture), isCold: more.Length > 0);
}

// One command runs them all: dotnet run -c Release --project tests/ChaosDrill.Benchmarks [-- NAME...]
(string Name, Func<Task> Run)[] benchmarks =
[
    ("startup", StartUp.RunAsync),
    ("first-request", FirstRequest.RunAsync),
    ("watch", WatchThroughput.RunAsync),
    ("measurement-error", MeasurementError.RunAsync),
    ("virtual-time", VirtualTime.RunAsync),
    ("twin-size", TwinSize.RunAsync),
    ("drain", Drain.RunAsync),
    ("report", ReportRendering.RunAsync),
    ("schedules", ManySchedules.LoadAsync),
    ("lateness", ManySchedules.LatenessAsync),
    ("drills-at-once", DrillsAtOnce.RunAsync),
    ("take-over", TakeOver.RunAsync),
    ("etcd-verification", EtcdVerification.RunAsync),
    ("velero-verification", VeleroVerification.RunAsync),
];
if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine($"ChaosDrill.Benchmarks [NAME...]: all of them, or those that are named: {string.Join(", ", benchmarks.Select(b => b.Name))}");
    return 0;
}

if (args.Except(benchmarks.Select(b => b.Name)).ToList() is [var unknown, ..])
{
    Console.Error.WriteLine($"error: there is no benchmark {unknown}; there are: {string.Join(", ", benchmarks.Select(b => b.Name))}");
    return 64;
}

// What takes minutes to be built must not be measured.
using (var build = Process.Start(Sample.Command(Path.Combine(Sample.Root, "chaosdrill"), "--version"))!)
{
    await Task.WhenAll(build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
    await build.WaitForExitAsync();
}

var failed = 0;
foreach (var (name, run) in benchmarks.Where(b => args.Length == 0 || args.Contains(b.Name)))
{
    Console.WriteLine($"== {name}");
    var begin = Stopwatch.GetTimestamp();
    try
    {
        await run();
    }
    catch (Exception e)
    {
        // The others are worth knowing all the same.
        failed++;
        Console.WriteLine($"FAILED: {e}");
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s)\n"));
}

return failed == 0 ? 0 : 1;
