using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.Nodes;

/// <summary>The nodes that a fault names, by name or by labels.</summary>
internal sealed record NodeChoice(IReadOnlyList<Node> Chosen, int Total)
{
    /// <summary>Reads the nodes; those chosen come by name.</summary>
    public static async Task<NodeChoice> ReadAsync(KubernetesClient client, string? name, string? selector, CancellationToken cancellationToken)
    {
        var all = (await client.ListAsync(Resources.Nodes, null, null, cancellationToken)).Items;
        var chosen = selector is null
            ? all.Where(n => n.Metadata.Name == name)
            : (await client.ListAsync(Resources.Nodes, null, new ListOptions { LabelSelector = selector }, cancellationToken)).Items;
        return new NodeChoice([.. chosen.OrderBy(n => n.Metadata.Name, StringComparer.Ordinal)], all.Count);
    }

    /// <summary>Rights that changing the nodes, proving it and putting them back takes.</summary>
    /// <param name="change">The change, such as <c>cordon</c>.</param>
    /// <param name="node">Name of the one node; null when labels choose.</param>
    public static IEnumerable<AccessNeed> Needs(string change, string? node) =>
    [
        new("list", "", "nodes", null, $"find the nodes to {change}"),
        new("get", "", "nodes", null, $"read the nodes to {change}, and put them back", node),
        new("patch", "", "nodes", null, $"{change} nodes, and put them back", node),
        new("watch", "", "nodes", null, $"see the {change} take effect", node),
    ];

    /// <summary>What is wrong with the way nodes are named.</summary>
    public static IEnumerable<OptionProblem> Check(string? node, string? selector)
    {
        if (string.IsNullOrWhiteSpace(node) == string.IsNullOrWhiteSpace(selector))
        {
            yield return new OptionProblem("", "it names its nodes either by name or by labels", "write node: NAME, or selector: LABEL=VALUE");
        }
    }

    /// <summary>What stands in the way when nothing is chosen.</summary>
    public IEnumerable<Refusal> Refusals(string? node, string? selector)
    {
        if (Chosen.Count == 0)
        {
            yield return new Refusal(
                RefusalKind.NoTargets, node is null ? $"no node matches {selector}; nothing was touched" : $"there is no node {node}; nothing was touched",
                "see what is there with: kubectl get nodes --show-labels");
        }
    }

    public static Target TargetOf(Node node) => new("Node", null, node.Metadata.Name!, node.Metadata.Uid!);
}
