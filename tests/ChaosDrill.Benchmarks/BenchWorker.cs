using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ChaosDrill.Benchmarks;

/// <summary>A worker process as a user starts it, and what it says and takes.</summary>
/// <remarks>What it says is read all the time: one whose pipe is full stands still.</remarks>
internal sealed class BenchWorker : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>What <c>./chaosdrill</c> starts: resolved once, so that no build gets between the measurements when somebody edits a file meanwhile.</summary>
    private static readonly string Product = Path.Combine(
        Directory.ResolveLinkTarget(Path.Combine(Sample.Root, ".build", "current"), returnFinalTarget: true)!.FullName, "chaosdrill");

    private readonly Process _process;
    private readonly BlockingCollection<string> _said = [];
    private readonly ConcurrentQueue<string> _last = [];

    public BenchWorker(string folder, string store, params string[] more)
    {
        var start = Sample.Command(
            [Product, "worker", "--scenarios", Path.Combine(folder, "scenarios"), "--store", store, "--reports", Path.Combine(folder, "reports"), "--listen", "127.0.0.1:0", .. more]);
        start.Environment["CHAOSDRILL_HOME"] = folder;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Hear(e.Data);
        _process.ErrorDataReceived += (_, e) => Remember(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Reads its log until a line has a text.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not say it in time.</exception>
    public string Until(string text)
    {
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < Limit && !_said.IsCompleted;)
        {
            if (_said.TryTake(out var line, TimeSpan.FromMilliseconds(100)) && line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"the worker did not say \"{text}\" within {Limit.TotalSeconds:0} s; its last words: {string.Join('\n', _last)}");
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

    private void Hear(string? line)
    {
        if (line is null)
        {
            _said.CompleteAdding();
            return;
        }

        Remember(line);
        _said.Add(line);
    }

    private void Remember(string? line)
    {
        if (line is not null)
        {
            _last.Enqueue(line);
            if (_last.Count > 5)
            {
                _last.TryDequeue(out _);
            }
        }
    }
}
