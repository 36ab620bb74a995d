using System.CommandLine;
using ChaosDrill.Actions.Faults.NamespaceLoss;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Twin;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill rbac</c>.</summary>
internal static class RbacCommand
{
    private const string DefaultName = "chaosdrill";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("SCENARIO") { Description = "Scenario files (YAML).", Arity = ArgumentArity.OneOrMore };
        var (context, kubeconfig) = (CommonOptions.Context(), CommonOptions.Kubeconfig());
        context.Description = "Context of the cluster that says how its kinds are called. Without it, and without one in the scenario, the twin says it.";
        var accounts = Many("--service-account", "[NAMESPACE:]NAME", "Service account to bind the roles to. Default: chaosdrill in the first scenario's namespace, or in default where that namespace is lost or not there yet.");
        var users = Many("--user", "NAME", "User to bind the roles to.");
        var groups = Many("--group", "NAME", "Group to bind the roles to.");
        var name = CommonOptions.Text("--name", "NAME", "Name of the roles and bindings. Default: chaosdrill-SCENARIO, or chaosdrill for several.");
        var of = CommonOptions.Text("--in", "CONTEXT", "The roles in another cluster that a step or a probe names by its context, instead of those in the drill's own.");
        var command = new DrillCommand("rbac", "Print the least that scenarios need: roles and bindings as a manifest for kubectl apply.")
        {
            Examples =
            [
                ("For a service account of its own", "chaosdrill rbac scenarios/pod-kill.yaml | kubectl apply -f -"),
                ("For yourself", "chaosdrill rbac scenarios/pod-kill.yaml --user anna@example.org"),
                ("For the cluster that it restores into", "chaosdrill rbac scenarios/velero-failover.yaml --in standby | kubectl apply --context standby -f -"),
                ("One role for all of them, for a worker in another namespace", "chaosdrill rbac scenarios/*.yaml --service-account ops:drills"),
            ],
        };
        command.Add(files);
        foreach (var option in (Option[])[context, kubeconfig, of, accounts, users, groups, name])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            List<Scenario> scenarios = [.. parsed.GetRequiredValue(files).Select(Vocabulary.ReadScenario)];
            var only = parsed.GetValue(of);

            // An account goes with its namespace, and every token of it is void.
            var home = only is null && !scenarios.Any(s => s.Spec.Steps.Any(step => step.Action is NamespaceLoss)) ? scenarios[0].Spec.Cluster.Namespace : "default";
            var subjects = Subjects(parsed.GetValue(accounts) ?? [], parsed.GetValue(users) ?? [], parsed.GetValue(groups) ?? [], home);
            var needs = new List<AccessNeed>();
            foreach (var scenario in scenarios)
            {
                needs.AddRange(await NeedsAsync(scenario, ClusterChoice.Of(parsed.GetValue(context), parsed.GetValue(kubeconfig), scenario), cancellationToken));
            }

            var names = scenarios.Select(s => s.Metadata.Name).Distinct().ToList();
            var called = parsed.GetValue(name) ?? (names.Count == 1 ? $"{DefaultName}-{names[0]}" : DefaultName);
            var clusters = AccessRules.Fewest(needs).ToLookup(n => n.Context);
            if (only is not null && !clusters.Contains(only))
            {
                throw new CommandException(
                    ExitCode.BadUsage, $"no step and no probe names a cluster {only}; {(clusters.All(c => c.Key is null) ? "leave out --in" : $"there is {string.Join(", ", clusters.Select(c => c.Key).OfType<string>())}")}");
            }

            Terminal.Current.Out.Write(RoleManifest.Of(called, names, [.. clusters[only]], subjects));
            foreach (var other in clusters.Select(c => c.Key).OfType<string>().Where(_ => only is null).Order(StringComparer.Ordinal))
            {
                Terminal.Current.Error.WriteLine($"note: the drill acts on cluster {other} too; print its roles with --in {other}");
            }

            return (int)ExitCode.Pass;
        });
        return command;
    }

    private static async Task<IReadOnlyList<AccessNeed>> NeedsAsync(Scenario scenario, ClusterChoice choice, CancellationToken cancellationToken)
    {
        if (!choice.IsTwin)
        {
            await using var opened = OpenedCluster.Real(choice, SystemClock.Instance);
            return await Planner.NeedsAsync(scenario, opened.Cluster, cancellationToken);
        }

        try
        {
            return VirtualClock.Run(async clock =>
            {
                await using var twin = await OpenedCluster.TwinInMemoryAsync(scenario, seed: 0, clock, cancellationToken);
                return await Planner.NeedsAsync(scenario, twin.Cluster, cancellationToken);
            });
        }
        catch (ClusterException e)
        {
            throw new CommandException(ExitCode.Refused, $"{scenario.Origin.File}: the twin cannot say what it needs: {e.Message} Name the real cluster with --context", e);
        }
    }

    private static IReadOnlyList<RoleSubject> Subjects(string[] accounts, string[] users, string[] groups, string ns)
    {
        IReadOnlyList<RoleSubject> named =
        [
            .. accounts.Select(a => Account(a, ns)),
            .. users.Select(u => new RoleSubject("User", Named(u, "--user"))),
            .. groups.Select(g => new RoleSubject("Group", Named(g, "--group"))),
        ];
        return named.Count > 0 ? named : [new RoleSubject("ServiceAccount", DefaultName, ns)];
    }

    private static string Named(string name, string option) => !string.IsNullOrWhiteSpace(name)
        ? name
        : throw new CommandException(ExitCode.BadUsage, $"{option} is empty; name whom the roles are to be bound to, or leave it out");

    private static RoleSubject Account(string text, string ns) => text.Split(':') switch
    {
        [var account] when IsName(account) => new("ServiceAccount", account, ns),
        [var home, var account] when DnsLabelAttribute.IsLabel(home) && IsName(account) => new("ServiceAccount", account, home),
        _ => throw new CommandException(ExitCode.BadUsage, $"--service-account is NAME or NAMESPACE:NAME, not \"{text}\"; see \"chaosdrill rbac --help\""),
    };

    private static bool IsName(string text) => text.Length <= 253 && text.Split('.').All(DnsLabelAttribute.IsLabel);

    private static Option<string[]> Many(string name, string helpName, string description) => new(name)
    {
        Description = description + " May be given several times.",
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}
