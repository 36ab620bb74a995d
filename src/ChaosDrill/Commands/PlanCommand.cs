using System.CommandLine;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Twin;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill plan</c>.</summary>
internal static class PlanCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var scenario = CommonOptions.Scenario();
        var (context, kubeconfig, seed, output) = (CommonOptions.Context(), CommonOptions.Kubeconfig(), CommonOptions.Seed(), CommonOptions.Output());
        var command = new DrillCommand("plan", "Show what a drill would do: targets, blast radius, rights, guards, undo. Touches nothing.")
        {
            Examples =
            [
                ("On the twin", "chaosdrill plan scenarios/pod-kill.yaml"),
                ("On a real cluster: would it start, and what would it hit?", "chaosdrill plan scenarios/pod-kill.yaml --context staging"),
                ("Save it, for a drill that starts only if nothing has changed by then", "chaosdrill plan scenarios/pod-kill.yaml --context staging --output json > plan.json && chaosdrill run --plan plan.json"),
                ("Which targets another seed would choose", "chaosdrill plan scenarios/pod-kill.yaml --seed 7"),
            ],
        };
        command.Add(scenario);
        foreach (var option in (Option[])[context, kubeconfig, seed, output])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var read = Vocabulary.ReadScenario(parsed.GetRequiredValue(scenario));
            var choice = ClusterChoice.Of(parsed.GetValue(context), parsed.GetValue(kubeconfig), read);
            var chosen = parsed.GetValue(seed) ?? read.Spec.Seed ?? DrillIds.NewSeed();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var signals = new StopSignals(_ => stop.Cancel(), () => Environment.Exit((int)ExitCode.Killed));
            try
            {
                return (int)Print(await MakeAsync(read, choice, chosen, stop.Token), parsed.GetValue(output) == OutputForm.Json);
            }
            catch (OperationCanceledException)
            {
                throw new CommandException(ExitCode.Aborted, "stopped; nothing was touched");
            }
        });
        return command;
    }

    private static async Task<Plan> MakeAsync(Scenario scenario, ClusterChoice choice, int seed, CancellationToken cancellationToken)
    {
        if (choice.IsTwin)
        {
            // Nobody wants to wait for a twin's pods to start only to read a plan; a real etcd or Prometheus, though, keeps its own time.
            return scenario.Spec is { Twin.Etcd: > 0 } or { Prometheus: not null } ? await OnTwinAsync(SystemClock.Instance) : VirtualClock.Run(OnTwinAsync);
        }

        await using var opened = OpenedCluster.Real(choice, SystemClock.Instance);
        return await Planner.PlanAsync(scenario, opened.Cluster, seed, cancellationToken);

        async Task<Plan> OnTwinAsync(TimeProvider clock)
        {
            await using var twin = await OpenedCluster.TwinAsync(scenario, seed, clock, null, cancellationToken);
            return await Planner.PlanAsync(scenario, twin.Cluster, seed, cancellationToken);
        }
    }

    private static ExitCode Print(Plan plan, bool json)
    {
        var code = plan.Refusals.Count == 0 ? ExitCode.Pass
            : plan.Refusals.All(r => r.Kind == RefusalKind.NoTargets) ? ExitCode.Inconclusive
            : ExitCode.Refused;
        if (json)
        {
            Terminal.Current.Out.WriteLine(ResultJson.Of(plan));
            return code;
        }

        Terminal.Current.Write(PlanView.Full(plan));
        Terminal.Current.Write(StyledLine.Empty);
        Terminal.Current.Write(code switch
        {
            ExitCode.Pass => new StyledLine().Add("The drill may start.", Tone.Good),
            ExitCode.Inconclusive => new StyledLine().Add("The drill would be inconclusive: it has nothing to act on.", Tone.Warning),
            _ => new StyledLine().Add("The drill would be refused.", Tone.Bad),
        });
        return code;
    }
}
