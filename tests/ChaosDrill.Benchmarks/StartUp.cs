namespace ChaosDrill.Benchmarks;

/// <summary>How long a user waits for help: the whole process, launcher included, beside kubectl's.</summary>
internal static class StartUp
{
    public static Task RunAsync()
    {
        var launcher = Path.Combine(Sample.Root, "chaosdrill");
        var kubectl = HasKubectl() ? new[] { "kubectl", "--help" } : null;
        var (help, peer) = Sample.Processes(15, [launcher, "--help"], kubectl);
        Console.WriteLine($"chaosdrill --help: {Sample.Text(help, "ms")}");
        if (kubectl is not null)
        {
            Console.WriteLine($"kubectl --help:    {Sample.Text(peer, "ms")}; ratio {Sample.Percentile(help, 0.5) / Sample.Percentile(peer, 0.5):0.00}");
        }

        Sample.Against("--help, median", Sample.Percentile(help, 0.5), 150, "ms");
        var (validate, _) = Sample.Processes(15, [launcher, "validate", "scenarios/pod-kill.yaml"], null);
        Console.WriteLine($"chaosdrill validate: {Sample.Text(validate, "ms")}");
        return Task.CompletedTask;
    }

    private static bool HasKubectl() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "kubectl")));
}
