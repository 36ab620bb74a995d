using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Activities.PodCommands;

/// <summary>Runs a scenario's command in a pod.</summary>
internal sealed class ExecActivity(KubernetesClient client, string ns, Exec options) : IActivity
{
    private const int Quoted = 500;

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("list", "", "pods", ns, "find the pod to run a command in"),
        .. new[] { "get", "create" }.Select(verb => new AccessNeed(verb, "", "pods/exec", ns, "run a command in a pod")),
    ];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var pods = await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = options.Selector }, cancellationToken);
        var ready = Victims.Candidates(pods.Items.Where(p => p.IsReady));
        var choice = new PodChoice(ns, options.Selector, ready, Victims.Choose(ready, PodKillMode.One, null, random));
        return new ActivityPlan($"run {new HostCommand(options.Command)} in one of {ready.Count} pods with {options.Selector}", choice.Targets, null, [.. choice.NoTargets()])
        {
            Candidates = ready.Count,
            Touches = [.. choice.Touches.Select(t => t with { Stays = true })],
        };
    });

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var pod = plan.Targets[0];
        var result = await client.ExecAsync(
            ns, pod.Name, new ExecOptions { Command = options.Command, Container = options.Container, TimeLimit = options.Timeout }, cancellationToken);
        return result switch
        {
            { Succeeded: true } => ActivityOutcome.Done,
            { End: ExecEnd.Exited } => ActivityOutcome.Failed(
                $"{options.Command[0]} in {pod} ended with exit code {result.ExitCode}{(result.Error.Trim() is { Length: > 0 } said ? ": " + said[..Math.Min(Quoted, said.Length)] : "")}"),
            { End: ExecEnd.TimedOut } => ActivityOutcome.Unknown($"{options.Command[0]} in {pod} did not end within {GoDuration.Format(options.Timeout)}; it may still be running"),
            _ => ActivityOutcome.Unknown($"the connection to {pod} was lost before {options.Command[0]} ended"),
        };
    });
}
