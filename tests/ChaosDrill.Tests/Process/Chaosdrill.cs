using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Diagnostics = System.Diagnostics;

namespace ChaosDrill.Tests.Process;

/// <summary>What a run of the program left behind.</summary>
internal sealed record Ended(int Code, string Out, string Error);

/// <summary>The whole program as a user starts it, in a folder and with a state folder of its own.</summary>
internal sealed class Chaosdrill : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Drills take as long as their scenarios wait.</summary>
    private static readonly TimeSpan LongLimit = TimeSpan.FromMinutes(15);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-test");

    /// <summary>Where the program runs.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Its state folder.</summary>
    public string Home => Path.Combine(Folder, "home");

    public static string Scenario { get; } = Repository.Path("scenarios", "pod-kill.yaml");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Writes a file into the folder.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The shipped scenario with something changed.</summary>
    public string Changed(string from, string to)
    {
        var text = File.ReadAllText(Scenario).Replace("twin/shop.yaml", Repository.Path("scenarios", "twin", "shop.yaml"), StringComparison.Ordinal);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return Write("changed.yaml", text.Replace(from, to, StringComparison.Ordinal));
    }

    public async Task<Ended> RunAsync(params string[] arguments)
    {
        using var running = Start(arguments);
        return await running.EndAsync();
    }

    public Running Start(params string[] arguments) => Start(new ProcessStartInfo(Program, arguments));

    /// <summary>Starts the program under limits that a shell sets first.</summary>
    public Running StartLimited(string limits, params string[] arguments)
    {
        var info = new ProcessStartInfo("/bin/sh", ["-c", limits + "; exec \"$@\"", "sh", Program, .. arguments]);

        // With it the runtime doubles its code pages in a file, which a file size limit forbids.
        info.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return Start(info);
    }

    /// <summary>Starts the program on a terminal of its own, where standard output and standard error are one.</summary>
    public Running StartOnTerminal(params string[] arguments)
    {
        var command = string.Join(' ', ((string[])[Program, .. arguments]).Select(w => $"'{w}'"));
        var info = new ProcessStartInfo("script", ["--quiet", "--return", "--flush", "--command", $"exec {command}", "/dev/null"]);
        (info.Environment["SHELL"], info.Environment["TERM"]) = ("/bin/sh", "xterm");
        info.Environment.Remove("NO_COLOR");
        return Start(info, isTypedOn: true);
    }

    /// <summary>Starts a script, by root, with mounts of its own that end with it.</summary>
    public Running StartShell(string script) => Start(new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", script]));

    /// <summary>What tests/run has compiled ahead; without it what was built for the tests, which takes longer to start.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_PROGRAM") is { Length: > 0 } ahead ? ahead : Path.Combine(AppContext.BaseDirectory, "chaosdrill");

    private Running Start(ProcessStartInfo info, bool isTypedOn = false)
    {
        (info.WorkingDirectory, info.RedirectStandardInput, info.RedirectStandardOutput, info.RedirectStandardError) = (Folder, true, true, true);
        info.Environment["CHAOSDRILL_HOME"] = Home;
        info.Environment["HOME"] = Folder;
        info.Environment["TZ"] = "UTC";
        info.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        info.Environment.Remove("KUBECONFIG");
        info.Environment.Remove("CHAOSDRILL_DEBUG");
        return new Running(Diagnostics.Process.Start(info)!, isTypedOn);
    }

    /// <summary>The program while it runs.</summary>
    internal sealed class Running : IDisposable
    {
        private readonly Diagnostics.Process _process;
        private readonly StringBuilder _out = new();
        private readonly StringBuilder _error = new();
        private readonly Lock _lock = new();
        private TaskCompletionSource _line = new();
        private bool _outEnded;

        /// <summary>Its process id.</summary>
        public int Id => _process.Id;

        public Running(Diagnostics.Process process, bool isTypedOn)
        {
            _process = process;
            if (!isTypedOn)
            {
                process.StandardInput.Close();
            }

            process.OutputDataReceived += (_, e) => Take(_out, e.Data);
            process.ErrorDataReceived += (_, e) => Take(_error, e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        /// <summary>Types on the program's terminal.</summary>
        public void Type(string keys)
        {
            _process.StandardInput.Write(keys);
            _process.StandardInput.Flush();
        }

        /// <summary>Waits until standard output has a line with this text, and returns all of it.</summary>
        public async Task<string> UntilAsync(string text)
        {
            using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
            while (true)
            {
                Task next;
                lock (_lock)
                {
                    if (_out.ToString().Contains(text, StringComparison.Ordinal))
                    {
                        return _out.ToString();
                    }

                    Assert.False(_outEnded, $"the program ended before it said \"{text}\":\n{_out}\n{_error}");
                    next = _line.Task;
                }

                try
                {
                    await next.WaitAsync(limit.Token);
                }
                catch (OperationCanceledException)
                {
                    lock (_lock)
                    {
                        Assert.Fail($"did not say \"{text}\" within {Limit}, but: {_out}{_error}");
                    }
                }
            }
        }

        /// <summary>Waits until standard output has so many lines, or the program has ended.</summary>
        public async Task UntilLineAsync(int lines)
        {
            using var limit = new CancellationTokenSource(LongLimit, TimeProvider.System);
            while (true)
            {
                Task next;
                lock (_lock)
                {
                    if (_outEnded || _out.ToString().Count(c => c == '\n') >= lines)
                    {
                        return;
                    }

                    next = _line.Task;
                }

                await next.WaitAsync(limit.Token);
            }
        }

        /// <summary>Sends a signal, by its name without SIG.</summary>
        public void Signal(string name)
        {
            using var kill = Diagnostics.Process.Start("kill", ["-" + name, _process.Id.ToString()]);
            kill.WaitForExit();
        }

        public async Task<Ended> EndAsync()
        {
            using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                {
                    Assert.Fail($"did not end within {Limit}, and said: {_out}{_error}");
                }
            }

            return new Ended(_process.ExitCode, _out.ToString(), _error.ToString());
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
        }

        private void Take(StringBuilder into, string? line)
        {
            lock (_lock)
            {
                if (line is not null)
                {
                    into.AppendLine(line);
                }
                else
                {
                    _outEnded |= into == _out;
                }

                var announced = _line;
                _line = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                announced.TrySetResult();
            }
        }
    }
}
