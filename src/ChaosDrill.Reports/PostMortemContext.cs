using ChaosDrill.Model.Drills;

namespace ChaosDrill.Reports;

/// <summary>What a post-mortem shows beside the drill itself.</summary>
public sealed record PostMortemContext
{
    /// <summary>Nothing.</summary>
    public static PostMortemContext None { get; } = new();

    /// <summary>Earlier drills, in any order; those of another scenario, cluster or sort of clock are left out.</summary>
    public IReadOnlyList<(DrillHeader Header, Judgement Judgement)> Earlier { get; init; } = [];

    /// <summary>What people wrote into the Markdown's parts, by their names.</summary>
    public IReadOnlyDictionary<string, string> Filled { get; init; } = new Dictionary<string, string>();
}
