using ChaosDrill.Benchmarks;

if (args is [WatchServer.Argument, ..])
{
    return await WatchServer.ServeAsync(args);
}

if (args is [ReportRendering.Argument, var rows, .. var more])
{
    return ReportRendering.Render(int.Parse(rows, System.Globalization.CultureInfo.InvariantCulture), isCold: more.Length > 0);
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
var chosen = args.Length == 0 ? benchmarks : [.. benchmarks.Where(b => args.Contains(b.Name))];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"error: no such benchmark; there are: {string.Join(", ", benchmarks.Select(b => b.Name))}");
    return 64;
}

foreach (var (name, run) in chosen)
{
    Console.WriteLine($"== {name}");
    await run();
    Console.WriteLine();
}

return 0;
