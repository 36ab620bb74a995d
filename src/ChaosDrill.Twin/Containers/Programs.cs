using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Containers;

/// <summary>The programs that every container of the twin has; a pod's annotation adds others or goes before them.</summary>
internal static class Programs
{
    private static readonly Dictionary<string, Func<Process, string[], Task<int>>> Known = new(StringComparer.Ordinal)
    {
        ["cat"] = FilePrograms.CatAsync,
        ["dd"] = FilePrograms.CopyAsync,
        ["echo"] = (process, words) =>
        {
            var bare = words is ["-n", ..];
            process.Print(string.Join(' ', bare ? words[1..] : words) + (bare ? "" : "\n"));
            return Done(0);
        },
        ["env"] = (process, _) =>
        {
            process.Print(string.Concat(Environment(process).Select(v => $"{v.Name}={v.Value}\n")));
            return Done(0);
        },
        ["false"] = (_, _) => Done(1),
        ["hostname"] = (process, _) =>
        {
            process.Print(process.Pod.Name + "\n");
            return Done(0);
        },
        ["kill"] = (process, words) => Done(Kill(process, words)),
        ["nc"] = NetworkPrograms.ConnectAsync,
        ["rm"] = (process, words) => Done(FilePrograms.Remove(process, words)),
        ["sh"] = Shell.RunAsync,
        ["sha256sum"] = (process, words) => Done(FilePrograms.Sum(process, words)),
        ["sleep"] = SleepAsync,
        ["true"] = (_, _) => Done(0),
        ["wc"] = (process, words) => Done(FilePrograms.Count(process, words)),
        ["wget"] = NetworkPrograms.WgetAsync,
    };

    private static readonly Dictionary<string, int> Signals = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["KILL"] = 9, ["USR1"] = 10, ["USR2"] = 12, ["TERM"] = 15, ["CONT"] = 18, ["STOP"] = 19,
    };

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Its exit code: 127 for a program that is not there, 137 when its container ended first.</returns>
    public static async Task<int> RunAsync(Process process, string[] command)
    {
        try
        {
            return await FindAsync(process, command) ?? process.Complain(
                command[0].Contains('/', StringComparison.Ordinal)
                    ? $"OCI runtime exec failed: exec failed: unable to start container process: exec: \"{command[0]}\": stat {command[0]}: no such file or directory: unknown"
                    : $"OCI runtime exec failed: exec failed: unable to start container process: exec: \"{command[0]}\": executable file not found in $PATH: unknown",
                127);
        }
        catch (OperationCanceledException) when (process.Killed.IsCancellationRequested)
        {
            return Process.KilledCode;
        }
    }

    /// <summary>Runs a command; null when there is no such program.</summary>
    public static async Task<int?> FindAsync(Process process, string[] command)
    {
        if (Written(process, command) is { } reply)
        {
            if (GoDuration.TryParse(reply.Str("takes"), out var time))
            {
                await process.Sleep(time);
            }

            process.Print(reply.Str("output") ?? "");
            process.Error(Encoding.UTF8.GetBytes(reply.Str("error") ?? ""));
            return (int)(reply.Int("exitCode") ?? 0);
        }

        var name = command[0] is ['/', ..] path && path[..(path.LastIndexOf('/') + 1)] is "/bin/" or "/usr/bin/" ? command[0][(command[0].LastIndexOf('/') + 1)..] : command[0];
        return Known.TryGetValue(name, out var program) ? await program(process, command[1..]) : null;
    }

    /// <summary>The variables that the container's spec names.</summary>
    public static IEnumerable<(string Name, string Value)> Environment(Process process) =>
        process.Spec.Arr("env").Objects().Where(e => e["value"] is not null).Select(e => (e.Str("name")!, e.Str("value") ?? "")).Prepend(("HOSTNAME", process.Pod.Name));

    /// <summary>What the pod's annotation says that a command does.</summary>
    private static JsonObject? Written(Process process, string[] command)
    {
        if (process.Pod.Metadata.Obj("annotations").Str(TwinAnnotations.Exec) is not { } text)
        {
            return null;
        }

        try
        {
            var replies = YamlText.ToJson(text) as JsonObject;
            return replies.Obj(string.Join(' ', command)) ?? replies.Obj(command[0]);
        }
        catch (Api.ApiException unreadable)
        {
            return new JsonObject { ["error"] = $"annotation {TwinAnnotations.Exec}: {unreadable.Message}\n", ["exitCode"] = 126L };
        }
    }

    private static async Task<int> SleepAsync(Process process, string[] words)
    {
        var total = TimeSpan.Zero;
        foreach (var word in words)
        {
            if (!GoDuration.TryParse(word.All(c => char.IsAsciiDigit(c) || c == '.') ? word + "s" : word, out var time))
            {
                return process.Complain($"sleep: invalid number '{word}'");
            }

            total += time;
        }

        if (words.Length == 0)
        {
            return process.Complain("sleep: missing operand");
        }

        await process.Sleep(total);
        return 0;
    }

    private static int Kill(Process process, string[] words)
    {
        var name = "TERM";
        switch (words)
        {
            case ["-s", var signal, .. var rest]:
                (name, words) = (signal, rest);
                break;
            case [['-', .. var signal], .. var rest]:
                (name, words) = (signal, rest);
                break;
        }

        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        var number = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : Signals.GetValueOrDefault(name, -1);
        if (number < 0)
        {
            return process.Complain($"sh: bad signal name '{name}'");
        }

        foreach (var word in words)
        {
            if (word != "1")
            {
                return process.Complain($"sh: can't kill pid {word}: No such process");
            }

            // Inside its own container the kernel does not let the first process be killed or stopped by force.
            if (number is 1 or 2 or 3 or 15)
            {
                process.Plane.Loop.Run(() => process.Worker.Signal(process.Container, $"SIG{Signals.First(s => s.Value == number).Key}", number));
            }
        }

        return words.Length > 0 ? 0 : process.Complain("sh: you need to specify whom to kill");
    }

    private static Task<int> Done(int code) => Task.FromResult(code);
}
