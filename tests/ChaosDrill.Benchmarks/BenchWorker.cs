using System.Diagnostics;
using System.Globalization;

namespace ChaosDrill.Benchmarks;

/// <summary>A worker process, and what it says and takes.</summary>
internal sealed class BenchWorker : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _said = [];

    public BenchWorker(string folder, string store, params string[] more)
    {
        var start = Sample.Command(
            [Path.Combine(Sample.Root, "src/ChaosDrill/bin/Release/net10.0/chaosdrill"), "worker", "--scenarios", Path.Combine(folder, "scenarios"), "--store", store, "--reports", Path.Combine(folder, "reports"), "--listen", "127.0.0.1:0", .. more]);
        start.Environment["CHAOSDRILL_HOME"] = folder;
        _process = Process.Start(start)!;
        _process.BeginErrorReadLine();
    }

    public string Name => _said.First(l => l.Contains("worker=", StringComparison.Ordinal)).Split("worker=")[1].Split(' ')[0];

    /// <summary>Reads its log until a line has a text.</summary>
    public string Until(string text)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            _said.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"the worker ended before it said \"{text}\": {string.Join('\n', _said.TakeLast(5))}");
    }

    /// <summary>A line of its status, in MB.</summary>
    public double Megabytes(string what) => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(l => l.StartsWith(what, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
