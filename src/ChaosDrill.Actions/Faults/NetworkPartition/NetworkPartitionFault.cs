using System.Globalization;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NetworkPartition;

/// <summary>Creates the policy; proved when every pod that reached one of the others before no longer does.</summary>
internal sealed class NetworkPartitionFault(KubernetesClient client, string ns, NetworkPartition options) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private string Name => PartitionPolicy.NameOf(options.From, options.To);

    private Target Target => new("NetworkPolicy", ns, Name, Name);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("create", "networking.k8s.io", "networkpolicies", ns, "create the policy"),
        .. new[] { "get", "delete" }.Select(verb => new AccessNeed(verb, "networking.k8s.io", "networkpolicies", ns, "delete the policy again", Name)),
        new("list", "", "pods", ns, "find the pods on both sides"),
        .. new[] { "get", "create" }.Select(verb => new AccessNeed(verb, "", "pods/exec", ns, "prove the partition from inside the pods")),
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var (from, to) = (await ReadyAsync(options.From, cancellationToken), await ReadyAsync(options.To, cancellationToken));
        var cut = from.Concat(to).DistinctBy(p => p.Metadata.Uid).ToList();
        var refusals = new List<Refusal>();
        foreach (var (field, selector, pods) in new[] { ("from", options.From, from), ("to", options.To, to) })
        {
            if (pods.Count == 0)
            {
                refusals.Add(new Refusal(
                    RefusalKind.NoTargets, $"no ready pod in namespace {ns} matches {field}: {selector}, so nothing could be learnt; nothing was touched",
                    $"see what is there with: kubectl get pods -n {ns} --show-labels"));
            }
        }

        if ((await client.FindAsync(Place.NetworkPolicies, ns, Name, cancellationToken)).ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            refusals.Add(new Refusal(RefusalKind.Guard, $"{Target} is there already, from another drill", "put it back first: chaosdrill sweep --context NAME --all"));
        }

        return new FaultPlan(
            $"cut {from.Count} pods with {options.From} off from {to.Count} pods with {options.To}", [Target], cut.Count, "delete the policy", refusals)
        {
            Touches = [new Touched(Target) { IsNew = true }, .. cut.Select(p => PodTouch.Of(p) with { Stays = true })],
            Hits = cut.Count,
        };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var pairs = Pairs(await ReadyAsync(options.From, cancellationToken), await ReadyAsync(options.To, cancellationToken));
        foreach (var (from, to) in pairs)
        {
            if (await AskAsync(from, to, cancellationToken) is { Succeeded: false } result)
            {
                throw new ClusterException(
                    $"pod {from.Metadata.Name} does not reach pod {to.Metadata.Name} even without a partition, so that none could be proved: {Said(result)}; name another proofCommand");
            }
        }

        var policy = PartitionPolicy.Of(ns, options.From, options.To);
        var made = CreatedObject.Of(Place.NetworkPolicies, ns, policy);
        var undo = report.RecordUndo(CreatedObject.UndoKind, $"delete network policy {ns}/{Name}", made.Payload);
        report.Requested(Target);
        await made.MakeAsync(client, policy, undo, cancellationToken);
        report.Acknowledged(Target);
        await SeeCutAsync(pairs, report, cancellationToken);
    });

    /// <summary>Asks until no pod gets through: cut since the first question that none answered.</summary>
    private async Task SeeCutAsync(IReadOnlyList<(Pod From, Pod To)> pairs, IFaultReport report, CancellationToken cancellationToken)
    {
        var begin = client.Clock.GetTimestamp();
        while (client.Clock.GetElapsedTime(begin) < EffectLimit)
        {
            var asked = client.Clock.GetTimestamp();
            var results = await Task.WhenAll(pairs.Select(p => AskAsync(p.From, p.To, cancellationToken)));

            // A question that was lost on the way to the pod says nothing of the way between the pods.
            if (results.All(r => r is { End: ExecEnd.Exited, Succeeded: false }))
            {
                report.TookEffect(Target, $"from {pairs[0].From.Metadata.Name} to {pairs[0].To.Metadata.Name}: {Said(results[0])}", asked);
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), client.Clock, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Pod>> ReadyAsync(string selector, CancellationToken cancellationToken)
    {
        var pods = await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = selector }, cancellationToken);
        return [.. pods.Items.Where(p => p.IsReady && !p.IsTerminating && p.Status.PodIP is not null).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal)];
    }

    /// <summary>Every pod of both sides at least once.</summary>
    private static IReadOnlyList<(Pod From, Pod To)> Pairs(IReadOnlyList<Pod> from, IReadOnlyList<Pod> to) =>
        from.Count == 0 || to.Count == 0
            ? throw new ClusterException("the pods on one side are gone, so that no partition could be proved")
            : [.. Enumerable.Range(0, Math.Max(from.Count, to.Count)).Select(i => (from[i % from.Count], to[i % to.Count]))];

    private Task<ExecResult> AskAsync(Pod from, Pod to, CancellationToken cancellationToken)
    {
        var port = to.Spec.Containers.SelectMany(c => c.Ports).FirstOrDefault()?.Port ?? 80;
        return client.ExecAsync(
            ns, from.Metadata.Name!,
            new ExecOptions
            {
                Command =
                [
                    .. options.ProofCommand.Select(w => w.Replace("{ip}", to.Status.PodIP, StringComparison.Ordinal)
                        .Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)),
                ],
                Container = options.Container,
                TimeLimit = AnswerLimit,
            },
            cancellationToken);
    }

    private static string Said(ExecResult result) => result.End switch
    {
        ExecEnd.TimedOut => $"no answer within {AnswerLimit.TotalSeconds:0} s",
        ExecEnd.ConnectionLost => "the connection to the pod was lost",
        _ => $"exit code {result.ExitCode}{(result.Error.Trim() is { Length: > 0 } error ? ": " + error : "")}",
    };
}
