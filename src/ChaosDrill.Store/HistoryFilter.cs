using ChaosDrill.Model.Drills;

namespace ChaosDrill.Store;

/// <summary>Which drills a history shows. What is null does not choose.</summary>
public sealed record HistoryFilter
{
    /// <summary>Name of the scenario.</summary>
    public string? Scenario { get; init; }

    /// <summary>The one word it ended in.</summary>
    public DrillOutcome? Outcome { get; init; }

    /// <summary>Not started before this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Not started after this.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Name of the cluster.</summary>
    public string? Cluster { get; init; }

    /// <summary>At most this many, the newest.</summary>
    public int Limit { get; init; } = 50;
}
