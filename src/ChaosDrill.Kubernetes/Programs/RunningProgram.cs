using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ChaosDrill.Kubernetes;

/// <summary>The one way to run a program. When it is over, whatever the program left running is ended too.</summary>
/// <remarks>Ends only what it started: the process, its descendants, and those that carry its mark (the latter on Linux).</remarks>
public sealed class RunningProgram : IAsyncDisposable
{
    private const int Terminate = 15;
    private const string Setsid = "/usr/bin/setsid";

    /// <summary>How long the pipes may stay open after the end; somebody who left the mark behind may hold them.</summary>
    private static readonly TimeSpan drainLimit = TimeSpan.FromSeconds(2);

    private readonly Process process;
    private readonly TimeProvider clock;
    private readonly string mark;
    private readonly long started;
    private readonly CappedOutput output;
    private readonly CappedOutput errors;
    private readonly CancellationTokenSource drain = new();
    private readonly Task pumps;
    private bool leavesPrograms;

    private RunningProgram(Process process, ProgramCall call, string mark, TimeProvider clock)
    {
        (this.process, this.clock, this.mark) = (process, clock, mark);
        started = clock.GetTimestamp();
        output = new CappedOutput(call.OutputLimit, keepsEnd: false);
        errors = new CappedOutput(call.OutputLimit, keepsEnd: true);
        pumps = Task.WhenAll(
            output.ReadAsync(process.StandardOutput.BaseStream, drain.Token),
            errors.ReadAsync(process.StandardError.BaseStream, drain.Token),
            WriteAsync(process.StandardInput.BaseStream, call.Input));
    }

    /// <summary>Its process id.</summary>
    public int Id => process.Id;

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>The end of what it wrote to its errors until now.</summary>
    public string Errors => errors.Text;

    /// <summary>Starts a program that goes on until it is stopped.</summary>
    /// <exception cref="ProgramException">It could not be started.</exception>
    public static RunningProgram Start(ProgramCall call, TimeProvider clock)
    {
        var mark = call.Mark ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        var start = new ProcessStartInfo(call.Program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = call.WorkingDirectory ?? "",
        };
        if (call.OwnSession && File.Exists(Setsid) && ProgramPath.Find(call.Program) is { } path)
        {
            start.FileName = Setsid;
            start.ArgumentList.Add(path);
        }

        foreach (var argument in call.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in call.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[MarkedPrograms.Variable] = mark;
        try
        {
            return new RunningProgram(Process.Start(start)!, call, mark, clock);
        }
        catch (Win32Exception error)
        {
            // 2 is ENOENT, of the program or of the directory.
            var notFound = error.NativeErrorCode == 2 && (call.WorkingDirectory is null || Directory.Exists(call.WorkingDirectory));
            throw new ProgramException(notFound ? "was not found" : $"could not be started: {error.Message}", notFound, error);
        }
    }

    /// <summary>Runs a program to its end, or to the end of its time.</summary>
    /// <exception cref="ProgramException">It could not be started.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program is ended.</exception>
    public static async Task<ProgramResult> RunAsync(ProgramCall call, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var program = Start(call, clock);
        using var limit = new CancellationTokenSource(call.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        int? code = null;
        try
        {
            code = await program.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Its time is over.
        }

        var took = clock.GetElapsedTime(program.started);
        program.leavesPrograms = code is not null && call.MayLeavePrograms;
        await program.StopAsync(TimeSpan.Zero);
        return new ProgramResult(code, program.output.Bytes, program.output.IsCut, program.Errors, took);
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <returns>Its exit code; 128 and the signal's number when a signal ended it.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    /// <summary>Asks it to end, and ends it and all that it started when it has not after a while.</summary>
    /// <param name="grace">How long it may take; zero does not ask.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        if (grace > TimeSpan.Zero && !process.HasExited && Signal(process.Id, Terminate) == 0)
        {
            using var limit = new CancellationTokenSource(grace, clock);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // It was asked.
            }
        }

        if (!leavesPrograms)
        {
            Kill();
            MarkedPrograms.End(mark);
        }

        try
        {
            await pumps.WaitAsync(drainLimit, clock);
        }
        catch (TimeoutException)
        {
            drain.Cancel();
        }
    }

    /// <summary>Ends it at once, with all that it started.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        process.Dispose();
        drain.Dispose();
    }

    /// <summary>Asks a process for its end.</summary>
    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int id, int signal);

    private static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> input)
    {
        try
        {
            await stream.WriteAsync(input);
            await stream.DisposeAsync();
        }
        catch (IOException)
        {
            // It does not want to read.
        }
    }

    private void Kill()
    {
        try
        {
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
}
