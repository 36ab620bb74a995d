using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Probes;

/// <summary>Asks from inside a pod.</summary>
internal sealed class ExecQuestion(KubernetesClient client, string ns, ExecProbe target) : IProbe
{
    private const int Quoted = 200;

    /// <summary>Longer than any probe's own limit, which ends the question before.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public string Summary => $"run {target.Command[0]} in a pod with {target.Selector}";

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("list", "", "pods", ns, "find the pod to probe from"),
        .. new[] { "get", "create" }.Select(verb => new AccessNeed(verb, "", "pods/exec", ns, "probe from inside a pod")),
    ];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pods = await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = target.Selector }, cancellationToken);
            if (pods.Items.Where(p => p.IsReady && !p.IsTerminating).MinBy(p => p.Metadata.Name, StringComparer.Ordinal) is not { } pod)
            {
                return new ProbeReply(SampleOutcome.Unknown, $"no ready pod matches {target.Selector}");
            }

            var result = await client.ExecAsync(
                ns, pod.Metadata.Name!, new ExecOptions { Command = target.Command, Container = target.Container, TimeLimit = Limit }, cancellationToken);
            return result switch
            {
                { Succeeded: true } => new ProbeReply(SampleOutcome.Success, null),
                { End: ExecEnd.Exited } => new ProbeReply(SampleOutcome.Failure, $"exit code {result.ExitCode}{Said(result.Error)}"),
                _ => new ProbeReply(SampleOutcome.Unknown, "the connection to the pod was lost"),
            };
        }
        catch (ApiException e)
        {
            return new ProbeReply(SampleOutcome.Unknown, e.Message);
        }
        catch (ApiUnreachableException e)
        {
            return new ProbeReply(SampleOutcome.Unknown, e.Message);
        }
    }

    private static string Said(string error) => error.Trim() is { Length: > 0 } said ? ": " + said[..Math.Min(said.Length, Quoted)] : "";
}
