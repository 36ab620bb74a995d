using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.Pods;

/// <summary>The pods that a fault chooses among those that its labels match.</summary>
internal sealed record PodChoice(string Namespace, string Selector, IReadOnlyList<Pod> Candidates, IReadOnlyList<Pod> Victims)
{
    /// <summary>The victims, as plans name them.</summary>
    public IReadOnlyList<Target> Targets => [.. Victims.Select(PodTouch.TargetOf)];

    /// <summary>The victims, as guards ask about them.</summary>
    public IReadOnlyList<Touched> Touches => [.. Victims.Select(PodTouch.Of)];

    /// <summary>Reads the pods and chooses.</summary>
    public static async Task<PodChoice> ReadAsync(
        KubernetesClient client, string ns, string selector, PodKillMode mode, Amount? value, Random random, CancellationToken cancellationToken)
    {
        var pods = await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = selector }, cancellationToken);
        var candidates = Pods.Victims.Candidates(pods.Items);
        return new PodChoice(ns, selector, candidates, Pods.Victims.Choose(candidates, mode, value, random));
    }

    /// <summary>What stands in the way when nothing is chosen.</summary>
    public IEnumerable<Refusal> NoTargets()
    {
        if (Candidates.Count == 0)
        {
            yield return new Refusal(
                RefusalKind.NoTargets, $"no running pod in namespace {Namespace} matches {Selector}, so nothing could be learnt; nothing was touched",
                $"see what is there with: kubectl get pods -n {Namespace} --show-labels");
        }
    }

    /// <summary>What stands in the way of removing the victims: pods that nothing would bring back.</summary>
    public IEnumerable<Refusal> Orphans() => Victims.Where(v => v.Metadata.Controller is null).Select(orphan => new Refusal(
        RefusalKind.Guard, $"pod {Namespace}/{orphan.Metadata.Name} declares no controller; nothing would bring it back",
        "narrow the selector to pods of a deployment, stateful set or the like"));
}
