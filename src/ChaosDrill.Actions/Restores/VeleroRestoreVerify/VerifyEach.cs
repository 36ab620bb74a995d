using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.VeleroRestoreVerify;

/// <summary>Namespaces that are verified one beside the other. One that fails fails the drill; one that cannot be known leaves it inconclusive.</summary>
public sealed record VerifyEach
{
    /// <summary>The namespaces, as the backup calls them.</summary>
    public required IReadOnlyList<string> Namespaces { get; init; }

    /// <summary>How many are verified at once, 1 to 20. Velero restores one at a time; readiness, comparison and removal overlap with the next.</summary>
    [Between("1", "20")]
    public int AtOnce { get; init; } = 3;

    internal IEnumerable<OptionProblem> Check(string field)
    {
        if (Namespaces.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            yield return new OptionProblem($"{field}.namespaces", $"{twice.Key} is named twice", "name each namespace once");
        }
    }
}
