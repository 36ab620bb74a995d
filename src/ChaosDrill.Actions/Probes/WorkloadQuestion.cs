using ChaosDrill.Actions.Clusters;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Probes;

/// <summary>Counts ready pods by their owners, anew for each sample.</summary>
internal sealed class WorkloadQuestion(KubernetesClient client, string ns, WorkloadProbe target) : IProbe
{
    public string Summary => $"count the ready pods of {target.Of}";

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("get", "apps", target.Of.Kind + "s", ns, "probe the workload", target.Of.Name),
        new("list", "", "pods", ns, "probe the workload"),
        .. target.Of.Kind == "deployment" ? [new AccessNeed("list", "apps", "replicasets", ns, "probe the workload")] : Array.Empty<AccessNeed>(),
    ];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await WorkloadLookup.FindAsync(client, ns, target.Of, cancellationToken) is not { } workload)
            {
                return new ProbeReply(SampleOutcome.Failure, $"{target.Of} does not exist");
            }

            var owners = new HashSet<string> { workload.Uid };
            if (target.Of.Kind == "deployment")
            {
                var sets = await client.ListAsync(Resources.ReplicaSets, ns, null, cancellationToken);
                owners.UnionWith(sets.Items.Where(r => r.Metadata.Controller?.Uid == workload.Uid).Select(r => r.Metadata.Uid ?? ""));
            }

            var pods = await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = workload.Selector }, cancellationToken);
            var ready = pods.Items.Count(p => p.IsReady && !p.IsTerminating && owners.Contains(p.Metadata.Controller?.Uid ?? ""));
            return ready >= workload.Desired
                ? new ProbeReply(SampleOutcome.Success, null)
                : new ProbeReply(SampleOutcome.Failure, $"{ready} of {workload.Desired} ready");
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
}
