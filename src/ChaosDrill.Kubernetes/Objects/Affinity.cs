using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>What a pod wants to be near to, and far from. Of its nearness to other pods only what is required is kept, and whole.</summary>
public sealed record Affinity
{
    /// <summary>Which nodes it wants.</summary>
    public NodeAffinity? NodeAffinity { get; init; }

    /// <summary>Which pods it wants to be near to.</summary>
    public PodAffinity? PodAffinity { get; init; }

    /// <summary>Which pods it wants to be far from.</summary>
    public PodAffinity? PodAntiAffinity { get; init; }
}

/// <summary>Which nodes a pod wants.</summary>
public sealed record NodeAffinity
{
    /// <summary>What a node must have; null demands nothing.</summary>
    public NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>Which pods a pod wants to be near to, or far from.</summary>
public sealed record PodAffinity
{
    /// <summary>What is demanded; anything else is a wish.</summary>
    public IReadOnlyList<JsonElement> RequiredDuringSchedulingIgnoredDuringExecution { get => field ?? []; init; }
}

/// <summary>Which nodes are meant; one of the terms must hold.</summary>
public sealed record NodeSelector
{
    /// <summary>The terms.</summary>
    public IReadOnlyList<NodeSelectorTerm> NodeSelectorTerms { get => field ?? []; init; }
}

/// <summary>One way to be meant; all of it must hold, and an empty one holds for no node.</summary>
public sealed record NodeSelectorTerm
{
    /// <summary>Requirements of labels.</summary>
    public IReadOnlyList<LabelRequirement> MatchExpressions { get => field ?? []; init; }

    /// <summary>Requirements of fields; Kubernetes knows <c>metadata.name</c>.</summary>
    public IReadOnlyList<LabelRequirement> MatchFields { get => field ?? []; init; }
}

/// <summary>How pods are to be spread.</summary>
public sealed record TopologySpreadConstraint
{
    /// <summary><c>DoNotSchedule</c> or <c>ScheduleAnyway</c>.</summary>
    public string? WhenUnsatisfiable { get; init; }
}
