namespace ChaosDrill.Twin.Controllers;

/// <summary>How many pods of one owner each node has, and how many the emptiest of those nodes has.</summary>
internal sealed class OwnerSpread
{
    private readonly Dictionary<string, int> pods = new(StringComparer.Ordinal);

    /// <summary>How many nodes have how many.</summary>
    private readonly SortedDictionary<int, int> nodes = [];

    /// <summary>Nodes with at least one.</summary>
    public int Nodes => pods.Count;

    /// <summary>What the emptiest of those nodes has.</summary>
    public int Least => nodes.First().Key;

    public int this[string node] => pods.GetValueOrDefault(node);

    public void Add(string node, int by)
    {
        var before = pods.GetValueOrDefault(node);
        Move(before, -1);
        Move(before + by, 1);
        if (before + by > 0)
        {
            pods[node] = before + by;
        }
        else
        {
            pods.Remove(node);
        }
    }

    private void Move(int count, int by)
    {
        if (count > 0 && (nodes[count] = nodes.GetValueOrDefault(count) + by) == 0)
        {
            nodes.Remove(count);
        }
    }
}
