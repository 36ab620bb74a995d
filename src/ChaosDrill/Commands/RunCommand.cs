using System.CommandLine;
using System.CommandLine.Parsing;
using ChaosDrill.Hosting;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill run</c>.</summary>
internal static class RunCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var scenario = new Argument<string?>("SCENARIO") { Description = "The scenario file (YAML). With --plan it may be left out: the plan names it.", Arity = ArgumentArity.ZeroOrOne };
        var plan = CommonOptions.Text(
            "--plan", "FILE", "A plan that \"chaosdrill plan --output json\" printed. The drill starts only if scenario and cluster are still as planned, and says otherwise what has changed. Scenario, context and seed are the plan's.");
        var (context, kubeconfig, seed, output) = (CommonOptions.Context(), CommonOptions.Kubeconfig(), CommonOptions.Seed(), CommonOptions.Output());
        var (store, templates) = (CommonOptions.Store(), CommonOptions.Templates());
        var signKey = CommonOptions.SignKey();
        var reports = CommonOptions.Text("--reports", "DIR", "Folder that reports are left in, one folder for each drill. Default: reports.");
        var virtualTime = new Option<bool>("--virtual-time") { Description = "Run the twin as fast as it can compute instead of in real time." };
        var playbook = CommonOptions.Text(
            "--playbook", "FILE", "Try the commands of a playbook in the drill: what reads is run while the cluster is broken and after, what changes something is a dry run. How long each took goes into the next \"chaosdrill playbook\".");
        var command = new DrillCommand("run", "Run a drill: check, break, watch, judge, report. Without --context it runs on the twin, an embedded cluster.")
        {
            Examples =
            [
                ("Rehearse on the twin, watching it live", "chaosdrill run scenarios/pod-kill.yaml"),
                ("The same without waiting", "chaosdrill run scenarios/pod-kill.yaml --virtual-time"),
                ("On a real cluster", "chaosdrill run scenarios/pod-kill.yaml --context staging"),
                ("For a pipeline", "chaosdrill run scenarios/pod-kill.yaml --context staging --output json > result.json"),
                ("Are the playbook's commands right, and how long do they take?", "chaosdrill run scenarios/rollout-failure.yaml --playbook runbooks/rollout-failure.md"),
                ("Only what was planned, and perhaps approved by somebody else", "chaosdrill plan scenarios/pod-kill.yaml --context staging --output json > plan.json && chaosdrill run --plan plan.json"),
                ("With the targets of an earlier drill", "chaosdrill run scenarios/pod-kill.yaml --seed 1234"),
            ],
        };
        command.Add(scenario);
        foreach (var option in (Option[])[plan, context, kubeconfig, seed, virtualTime, playbook, output, reports, templates, signKey, store])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            // An option without its value is the parser's to tell: it does not when a validator complains first, and asking for the value throws.
            var complete = result.Children.OfType<OptionResult>().All(o => o.Tokens.Count > 0 || o.Option.Arity.MinimumNumberOfValues == 0);
            if (complete && result.GetValue(scenario) is null && result.GetValue(plan) is null)
            {
                result.AddError("\"run\" needs SCENARIO, or --plan FILE that names one");
            }
        });
        command.SetAction(async (parsed, _) => (int)await new DrillLaunch(
            new RunOptions
            {
                Scenario = parsed.GetValue(scenario),
                Plan = parsed.GetValue(plan),
                Context = parsed.GetValue(context),
                Kubeconfig = parsed.GetValue(kubeconfig),
                Seed = parsed.GetValue(seed),
                Json = parsed.GetValue(output) == OutputForm.Json,
                Store = parsed.GetValue(store),
                Reports = parsed.GetValue(reports),
                Templates = parsed.GetValue(templates),
                SignKey = parsed.GetValue(signKey),
                VirtualTime = parsed.GetValue(virtualTime),
                Playbook = parsed.GetValue(playbook),
            },
            Terminal.Current).RunAsync());
        return command;
    }
}
