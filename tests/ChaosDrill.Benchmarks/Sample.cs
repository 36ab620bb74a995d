using System.Diagnostics;
using System.Globalization;

namespace ChaosDrill.Benchmarks;

/// <summary>Numbers and how they are printed: medians and ratios, never a single run.</summary>
internal static class Sample
{
    public static double Percentile(IReadOnlyList<double> values, double percentile)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(percentile * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public static string Text(IReadOnlyList<double> values, string unit) => string.Create(
        CultureInfo.InvariantCulture,
        $"median {Percentile(values, 0.5):0.0#} {unit}, p95 {Percentile(values, 0.95):0.0#}, p99 {Percentile(values, 0.99):0.0#}, max {values.Max():0.0#}, n {values.Count}");

    public static void Against(string what, double measured, double limit, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {measured:0.0#} {unit} against a limit of {limit:0.##} {unit}: ratio {measured / limit:0.00}{(measured <= limit ? "" : "  MISSED")}"));

    /// <summary>Whole-process times in milliseconds, the two commands in turn so that a drifting machine hits both.</summary>
    public static (List<double> First, List<double> Second) Processes(int runs, string[] first, string[]? second)
    {
        List<double> a = [];
        List<double> b = [];
        for (var run = -2; run < runs; run++)
        {
            var one = Run(first);
            var other = second is null ? 0 : Run(second);
            if (run >= 0)
            {
                a.Add(one);
                b.Add(other);
            }
        }

        return (a, b);
    }

    /// <summary>Waits for something that must come: a benchmark that waits for ever tells nothing.</summary>
    public static async Task UntilAsync(string what, TimeSpan limit, Func<bool> holds)
    {
        for (var begin = Stopwatch.GetTimestamp(); !holds(); await Task.Delay(10, CancellationToken.None))
        {
            if (Stopwatch.GetElapsedTime(begin) > limit)
            {
                throw new InvalidOperationException($"{what}: not within {limit.TotalSeconds:0} s");
            }
        }
    }

    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ChaosDrill.sln")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new InvalidOperationException("not inside the repository");
        }
    }

    public static ProcessStartInfo Command(params string[] command) =>
        new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };

    private static double Run(string[] command)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(Command(command))!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        error.Wait();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
