using System.CommandLine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill sweep</c>.</summary>
internal static class SweepCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var context = CommonOptions.Text("--context", "NAME", "Context of the kubeconfig whose cluster is swept.");
        context.Required = true;
        context.CompletionSources.Add(Completions.Contexts);
        var kubeconfig = CommonOptions.Kubeconfig();
        var all = new Option<bool>("--all") { Description = "Put back everything, also what a drill that still runs may want to put back itself." };
        var command = new DrillCommand("sweep", "Find what drills left in a cluster, from the cluster alone, and put back what has expired.")
        {
            Examples =
            [
                ("What has expired", "chaosdrill sweep --context staging"),
                ("Everything, when no drill runs any more", "chaosdrill sweep --context staging --all"),
            ],
        };
        foreach (var option in (Option[])[context, kubeconfig, all])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(
            new ClusterChoice(parsed.GetRequiredValue(context), parsed.GetValue(kubeconfig)), parsed.GetValue(all), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(ClusterChoice choice, bool all, CancellationToken cancellationToken)
    {
        await using var opened = OpenedCluster.Real(choice, SystemClock.Instance);
        var found = await FindAsync(opened, cancellationToken);
        var now = SystemClock.Instance.GetUtcNow();
        foreach (var kept in found.Where(u => !all && u.ExpiresAt > now))
        {
            Terminal.Current.Write(new StyledLine().Add("kept", Tone.Warning).Add($"  {StyledLine.Printable(kept.Description)}: drill {StyledLine.Printable(kept.DrillId)} may still put it back, until {kept.ExpiresAt:u}"));
        }

        var due = found.Where(u => all || u.ExpiresAt <= now).ToList();
        if (found.Count == 0)
        {
            Terminal.Current.Write(new StyledLine().Add("nothing of any drill is left", Tone.Good));
        }

        return await UndoCommand.GoAsync(opened.Cluster.UndoAsync, due, _ => { }, cancellationToken);
    }

    private static async Task<IReadOnlyList<UndoRecord>> FindAsync(OpenedCluster opened, CancellationToken cancellationToken)
    {
        try
        {
            return await opened.Cluster.FindLeftoversAsync(cancellationToken);
        }
        catch (ClusterException e)
        {
            throw new ClusterException($"{e.Message}; nothing can be found in a cluster that does not answer: if a drill took its API server or its etcd away, run chaosdrill undo on the machine that ran the drill", e);
        }
    }
}
