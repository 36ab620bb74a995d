using System.CommandLine;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill undo</c>.</summary>
internal static class UndoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var id = CommonOptions.DrillId();
        var context = CommonOptions.Text("--context", "NAME", "Context of the kubeconfig that reaches the drill's cluster. Default: the one that the drill ran with.");
        context.CompletionSources.Add(Completions.Contexts);
        var (kubeconfig, store) = (CommonOptions.Kubeconfig(), CommonOptions.Store());
        var gone = CommonOptions.Text("--gone", "MACHINE", "That machine, such as a worker's pod, is no more: what the drill made on it went with it.");
        var command = new DrillCommand("undo", "Put back what a drill changed and did not put back itself, as its store remembers it.")
        {
            Examples =
            [
                ("The newest drill", "chaosdrill undo"),
                ("One drill, by the beginning of its id", "chaosdrill undo node-drain-2026"),
                ("What it left on a machine that is no more", "chaosdrill undo etcd-restore-verify-2026 --gone worker-7d4b9"),
            ],
        };
        command.Add(id);
        foreach (var option in (Option[])[context, kubeconfig, gone, store])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(
            parsed.GetRequiredValue(id), new ClusterChoice(parsed.GetValue(context), parsed.GetValue(kubeconfig)), Places.Store(parsed.GetValue(store)), parsed.GetValue(gone), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(string id, ClusterChoice choice, string path, string? gone, CancellationToken cancellationToken)
    {
        using var store = DrillStore.Open(path);
        var drill = store.Find(id) ?? throw new CommandException(ExitCode.BadUsage, "the store holds no drill yet; make one with: chaosdrill run SCENARIO");
        var open = store.OutstandingUndos().Where(u => u.Undo.DrillId == drill.Id).Select(u => u.Undo).ToList();
        if (open.Count == 0)
        {
            Terminal.Current.Write(new StyledLine().Add($"drill {drill.Id}: everything is put back", Tone.Good));
            return ExitCode.Pass;
        }

        if (drill.State == DrillState.Running)
        {
            throw new CommandException(ExitCode.Refused, $"drill {drill.Id} is running and puts its changes back itself; stop it with Ctrl-C there");
        }

        var elsewhere = open.Where(LocalUndos.IsElsewhere).ToLookup(LocalUndos.HostOf);
        if (gone is not null && !elsewhere.Contains(gone))
        {
            var there = elsewhere.Count == 0 ? "nothing on any other machine" : $"something on {string.Join(", ", elsewhere.Select(m => m.Key))}";
            throw new CommandException(ExitCode.BadUsage, $"--gone {gone}: {(gone == Environment.MachineName ? "that is this machine" : "not there")}; drill {drill.Id} left {there}");
        }

        foreach (var undo in gone is null ? [] : elsewhere[gone])
        {
            store.FinishUndo(undo.DrillId, undo.Id);
            open.Remove(undo);
            Terminal.Current.Write(new StyledLine().Add($"gone with {StyledLine.Printable(gone!)}", Tone.Good).Add($"  {StyledLine.Printable(undo.Description)}"));
        }

        if (open.Count == 0)
        {
            return ExitCode.Pass;
        }

        var ran = store.Read(drill.Id)!.Header.Plan.Cluster;
        if (ran.IsTwin)
        {
            // All but what the drill made on this machine is gone with the twin.
            foreach (var undo in open.Where(u => !LocalUndos.Knows(u)))
            {
                store.FinishUndo(undo.DrillId, undo.Id);
            }

            LocalUndos.ClearDead();
            Terminal.Current.Write(new StyledLine().Add($"drill {drill.Id} ran on a twin, which is gone with all that it changed", Tone.Good));
            return await GoAsync(
                (undo, _) => Task.FromResult(LocalUndos.Go(undo)), open.Where(LocalUndos.Knows), undo => store.FinishUndo(undo.DrillId, undo.Id), cancellationToken);
        }

        await using var opened = OpenedCluster.Real(choice with { Context = choice.Context ?? ran.Name }, SystemClock.Instance);
        if (opened.Cluster.Server != ran.Server)
        {
            throw new CommandException(
                ExitCode.Refused, $"drill {drill.Id} ran on {ran.Server}, and context {choice.Context ?? ran.Name} leads to {opened.Cluster.Server}; name another with --context. Nothing was touched");
        }

        return await GoAsync(opened.Cluster.UndoAsync, open, undo => store.FinishUndo(undo.DrillId, undo.Id), cancellationToken);
    }

    /// <summary>Goes ways back one by one; one that fails does not keep the others.</summary>
    public static async Task<ExitCode> GoAsync(
        Func<UndoRecord, CancellationToken, Task<string>> go, IEnumerable<UndoRecord> undos, Action<UndoRecord> done, CancellationToken cancellationToken)
    {
        var code = ExitCode.Pass;
        foreach (var undo in undos)
        {
            try
            {
                var what = await go(undo, cancellationToken);
                done(undo);
                Terminal.Current.Write(new StyledLine().Add("put back", Tone.Good).Add($"  {StyledLine.Printable(what)}"));
            }
            catch (ClusterException e)
            {
                code = ExitCode.UndoIncomplete;
                Terminal.Current.Write(new StyledLine().Add("not put back", Tone.Bad).Add($"  {StyledLine.Printable(undo.Description)}: {StyledLine.Printable(e.Message)}"));
            }
        }

        return code;
    }
}
