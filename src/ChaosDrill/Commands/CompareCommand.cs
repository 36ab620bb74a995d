using System.CommandLine;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill compare</c>.</summary>
internal static class CompareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var first = Drill("FIRST", "The earlier drill: its id, the beginning of its id, or \"latest\".");
        var second = Drill("SECOND", "The later drill, named in the same way.");
        var (store, output) = (CommonOptions.Store(), CommonOptions.Output());
        var command = new DrillCommand("compare", "Show two drills side by side: what differed in what was drilled, and what was measured.")
        {
            Examples = [("Yesterday's and today's", "chaosdrill compare storefront-pod-kill-20261120 latest")],
        };
        command.Add(first);
        command.Add(second);
        command.Add(output);
        command.Add(store);
        command.SetAction(parsed =>
        {
            var (a, b) = (StoredDrill.Read(parsed.GetValue(store), parsed.GetRequiredValue(first)), StoredDrill.Read(parsed.GetValue(store), parsed.GetRequiredValue(second)));
            if (parsed.GetValue(output) == OutputForm.Json)
            {
                Terminal.Current.Out.WriteLine(ResultJson.Write(CompareView.Node((a.Record, a.Judgement), (b.Record, b.Judgement))));
            }
            else
            {
                Terminal.Current.Write(CompareView.Of((a.Record, a.Judgement), (b.Record, b.Judgement)));
            }

            return (int)ExitCode.Pass;
        });
        return command;
    }

    private static Argument<string> Drill(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.CompletionSources.Add(Completions.DrillIds);
        return argument;
    }
}
