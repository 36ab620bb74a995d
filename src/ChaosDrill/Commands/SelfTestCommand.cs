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
        var seed = new Option<int>("--seed") { HelpName = "N", Description = "Seed of the places that are damaged. Default: 7.", DefaultValueFactory = _ => 7 };
        var command = new DrillCommand("selftest", "Show that bad backups are caught: verify snapshots of a scratch etcd that were damaged on purpose.")
        {
            Examples = [("All controls", "chaosdrill selftest")],
        };
        command.Add(bin);
        command.Add(seed);
        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(parsed.GetValue(bin), parsed.GetValue(seed), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(string? bin, int seed, CancellationToken cancellationToken)
    {
        var (all, bad) = (0, 0);
        try
        {
            await foreach (var result in EtcdSelfTest.RunAsync(bin, seed, SystemClock.Instance, cancellationToken))
            {
                (all, bad) = (all + 1, bad + (result.Passed ? 0 : 1));
                Terminal.Current.Write(new StyledLine()
                    .Add(result.Passed ? "  ✓ " : "  ✗ ", result.Passed ? Tone.Good : Tone.Bad).AddColumn(result.Name, 52).Add(StyledLine.Printable(result.Said), Tone.Faint));
            }
        }
        catch (ClusterException e)
        {
            throw new CommandException(ExitCode.Refused, e.Message, e);
        }

        Terminal.Current.Write(new StyledLine().Add(
            bad == 0 ? $"all {all} controls: the sound snapshots are accepted, every bad one is caught" : $"{bad} of {all} controls were judged wrongly", bad == 0 ? Tone.Good : Tone.Bad));
        return bad == 0 ? ExitCode.Pass : ExitCode.Fail;
    }
}
