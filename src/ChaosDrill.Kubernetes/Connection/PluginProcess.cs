using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>Runs an exec plugin: no shell, no terminal, bounded time and output.</summary>
internal sealed class PluginProcess(ExecPlugin plugin, TimeProvider clock)
{
    private const int OutputLimit = 1024 * 1024;
    private const int QuotedErrors = 1000;

    public async Task<ReadOnlyMemory<byte>> RunAsync(IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        using var process = Start(variables);
        using var limit = new CancellationTokenSource(plugin.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput.BaseStream, OutputLimit, either.Token);
            var errors = ReadAsync(process.StandardError.BaseStream, OutputLimit, either.Token);
            await process.WaitForExitAsync(either.Token);
            var (text, whole) = await output;
            if (process.ExitCode != 0)
            {
                var (said, _) = await errors;
                throw Failed($"ended with exit code {process.ExitCode}{Quote(said)}", process.ExitCode == 127);
            }

            return whole ? text : throw Failed($"printed more than {OutputLimit / 1024} KB", false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed($"did not end within {plugin.Timeout.TotalSeconds:0.###} s; does it wait for a login? Run \"kubectl get nodes\" once and try again", false);
        }
        finally
        {
            Stop(process);
        }
    }

    private Process Start(IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(plugin.Command)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in plugin.Args)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw Failed("could not be started", true);
        }
        catch (Win32Exception error)
        {
            // 2 is ENOENT.
            throw error.NativeErrorCode == 2
                ? Failed("was not found; install it, or correct the command and PATH", true, error)
                : Failed($"could not be started: {error.Message}", true, error);
        }
    }

    private static void Stop(Process process)
    {
        try
        {
            // Also what it started: a helper that stays behind would hold the login's port or its pipe.
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It had ended.
        }
        catch (Exception error) when (error is Win32Exception or AggregateException)
        {
            // It ended meanwhile, or belongs to somebody else by now.
        }
    }

    private static async Task<(ReadOnlyMemory<byte> Text, bool Whole)> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[8192];
        using var text = new MemoryStream();
        var whole = true;
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            // What is too much is still read, or the program would never end.
            whole &= text.Length + read <= limit;
            if (whole)
            {
                text.Write(buffer, 0, read);
            }
        }

        return (text.ToArray(), whole);
    }

    private static string Quote(ReadOnlyMemory<byte> errors)
    {
        var text = Encoding.UTF8.GetString(errors.Span).Trim();
        return text.Length == 0 ? "" : $": {(text.Length <= QuotedErrors ? text : text[..QuotedErrors] + "...")}";
    }

    private KubeconfigException Failed(string what, bool hint, Exception? inner = null) => new(
        $"{plugin.Origin}: \"{plugin.Command}\" {what}{(hint && plugin.InstallHint is { Length: > 0 } help ? Environment.NewLine + help.Trim() : "")}", inner);
}
