using System.Diagnostics;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Store.Tests;

/// <summary>A process that writes a drill as fast as it can and says what the store has acknowledged, until it is killed.</summary>
internal static class Victim
{
    public const string Argument = "--victim";

    /// <summary>Runs as the victim: path of the store, id of the drill, how many entries at most.</summary>
    public static int Run(IReadOnlyList<string> args)
    {
        try
        {
            Write(args[0], args[1], int.Parse(args[2]));
            return 0;
        }
        catch (JournalException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 3;
        }
    }

    /// <summary>Starts the victim, through a shell when limits are to be set first.</summary>
    public static Process Start(string store, string drill, int most = int.MaxValue, string? limits = null)
    {
        string[] command = [Environment.ProcessPath!, Argument, store, drill, most.ToString()];
        var start = limits is null
            ? new ProcessStartInfo(command[0], command[1..])
            : new ProcessStartInfo("/bin/sh", ["-c", limits + "; exec \"$@\"", "sh", .. command]);
        if (limits is not null)
        {
            // With it the runtime doubles its code pages in a file, which a file size limit forbids.
            start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        }

        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    private static void Write(string path, string drill, int most)
    {
        using var store = DrillStore.Open(path);
        store.Begin(Samples.Header(drill) with { Process = LocalProcess.Current() });
        var acknowledged = Console.Out;
        for (var sequence = 1L; sequence <= most; sequence += 2)
        {
            store.Append(drill, [Samples.Probe(sequence), Samples.Probe(sequence + 1)]);
            acknowledged.WriteLine($"entry {sequence + 1}");
            if (sequence % 10 == 1)
            {
                store.RecordUndo(Samples.Undo(drill, $"u{sequence}"));
                acknowledged.WriteLine($"undo u{sequence}");
            }
        }
    }
}
