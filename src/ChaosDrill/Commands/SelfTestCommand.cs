using System.CommandLine;
using ChaosDrill.Actions.Restores.SelfTest;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill selftest</c>.</summary>
internal static class SelfTestCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var bin = CommonOptions.Text("--bin", "DIR", "Folder of etcd's programs. Without it they are looked up in PATH.");
        var seed = CommonOptions.Number("--seed", "N", "Seed of the places that are damaged. Default: 7.", 0, int.MaxValue);
        var only = CommonOptions.Text("--only", "KIND", "Only the controls of this kind: velero, etcd.");
        CommonOptions.AcceptOnly(only.Validators, only.CompletionSources, only.Name, "velero", "etcd");
        var command = new DrillCommand("selftest", "Show that bad backups are caught: verify restores of Velero on the twin, and snapshots of a scratch etcd, that were damaged on purpose.")
        {
            Examples = [("All controls", "chaosdrill selftest"), ("Those that need no program but this one", "chaosdrill selftest --only velero")],
        };
        command.Add(only);
        command.Add(bin);
        command.Add(seed);
        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(parsed.GetValue(only), parsed.GetValue(bin), parsed.GetValue(seed) ?? 7, cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(string? only, string? bin, int seed, CancellationToken cancellationToken)
    {
        var (all, bad) = (0, 0);
        foreach (var result in only == "etcd" ? [] : VeleroSelfTest.Run(seed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Show(result);
        }

        try
        {
            await foreach (var result in only == "velero" ? AsyncEnumerable.Empty<SelfTestResult>() : EtcdSelfTest.RunAsync(bin, seed, SystemClock.Instance, cancellationToken))
            {
                Show(result);
            }
        }
        catch (ClusterException e)
        {
            throw new CommandException(ExitCode.Refused, $"{e.Message}; the controls of Velero need none of it: chaosdrill selftest --only velero", e);
        }

        Terminal.Current.Write(new StyledLine().Add(
            bad == 0 ? $"all {all} controls: what is sound is accepted, everything bad is caught" : $"{bad} of {all} controls were judged wrongly", bad == 0 ? Tone.Good : Tone.Bad));
        return bad == 0 ? ExitCode.Pass : ExitCode.Fail;

        void Show(SelfTestResult result)
        {
            (all, bad) = (all + 1, bad + (result.Passed ? 0 : 1));
            Terminal.Current.Write(new StyledLine()
                .Add(result.Passed ? "  ✓ " : "  ✗ ", result.Passed ? Tone.Good : Tone.Bad).AddColumn(result.Name, 52).Add(StyledLine.Printable(result.Said), Tone.Faint));
        }
    }
}
