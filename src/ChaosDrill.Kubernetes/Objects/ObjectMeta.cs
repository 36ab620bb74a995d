using System.Collections.ObjectModel;

namespace ChaosDrill.Kubernetes;

/// <summary>The metadata that every object carries.</summary>
public sealed record ObjectMeta
{
    /// <summary>The name, unique in its namespace among objects of its kind that exist at the same time.</summary>
    public string? Name { get; init; }

    /// <summary>A prefix from which the server makes a name when none is given.</summary>
    public string? GenerateName { get; init; }

    /// <summary>The namespace; null for kinds without one.</summary>
    public string? Namespace { get; init; }

    /// <summary>The identity: a re-created object of the same name has another one.</summary>
    public string? Uid { get; init; }

    /// <summary>The version of this object; grows with each change.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Counts changes of the specification.</summary>
    public long? Generation { get; init; }

    /// <summary>When it was created, to the second, by the server's clock.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When a graceful deletion may end: the request's time plus the grace period, so usually in the future.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>The grace period of a deletion under way, in seconds.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>Labels; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Labels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Annotations; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Who owns it; empty when nobody does.</summary>
    public IReadOnlyList<OwnerReference> OwnerReferences { get => field ?? []; init; }

    /// <summary>What must be done before it can vanish; empty when nothing must.</summary>
    public IReadOnlyList<string> Finalizers { get => field ?? []; init; }

    /// <summary>The owner that controls it, or null.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public OwnerReference? Controller => OwnerReferences.FirstOrDefault(owner => owner.Controller == true);
}

/// <summary>A pointer from an object to its owner.</summary>
public sealed record OwnerReference
{
    /// <summary>The owner's group and version.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>The owner's kind.</summary>
    public string? Kind { get; init; }

    /// <summary>The owner's name.</summary>
    public string? Name { get; init; }

    /// <summary>The owner's identity.</summary>
    public string? Uid { get; init; }

    /// <summary>True for the one owner that manages the object.</summary>
    public bool? Controller { get; init; }

    /// <summary>True when a foreground deletion of the owner waits for this object.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}

/// <summary>One observed condition of an object.</summary>
public sealed record Condition
{
    /// <summary>Which condition, for example <c>Ready</c>.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get => field ?? "Unknown"; init; }

    /// <summary>Why, in one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Message { get; init; }

    /// <summary>When the status last changed, to the second, by its writer's clock: evidence, not a measurement.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>When it was last reported; nodes only.</summary>
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    /// <summary>The generation it speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Whether the status is <c>True</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsTrue => Status == "True";
}

/// <summary>A pointer to an object.</summary>
public sealed record ObjectReference
{
    /// <summary>Group and version.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>Identity.</summary>
    public string? Uid { get; init; }

    /// <summary>Version.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>A part of the object.</summary>
    public string? FieldPath { get; init; }
}

/// <summary>Which objects are meant, by their labels; all requirements must hold.</summary>
public sealed record LabelSelector
{
    /// <summary>Labels that must have exactly these values.</summary>
    public IReadOnlyDictionary<string, string> MatchLabels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Further requirements.</summary>
    public IReadOnlyList<LabelRequirement> MatchExpressions { get => field ?? []; init; }

    /// <summary>Whether these labels satisfy the selector; an empty selector matches everything.</summary>
    /// <param name="labels">The labels of an object.</param>
    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        MatchLabels.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && MatchExpressions.All(requirement => requirement.Matches(labels));

    /// <summary>The selector as a list or watch request takes it.</summary>
    public override string ToString() => string.Join(',',
        MatchLabels.Select(label => $"{label.Key}={label.Value}").Concat(MatchExpressions.Select(requirement => requirement.ToString())));
}

/// <summary>One requirement of a label selector.</summary>
public sealed record LabelRequirement
{
    /// <summary>The label's name.</summary>
    public string Key { get => field ?? ""; init; }

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>.</summary>
    public string Operator { get => field ?? ""; init; }

    /// <summary>The values of <c>In</c> and <c>NotIn</c>.</summary>
    public IReadOnlyList<string> Values { get => field ?? []; init; }

    /// <summary>Whether these labels satisfy the requirement; an unknown operator is satisfied by nothing.</summary>
    /// <param name="labels">The labels of an object.</param>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            "In" => present && Values.Contains(value),
            "NotIn" => !present || !Values.Contains(value),
            "Exists" => present,
            "DoesNotExist" => !present,
            _ => false,
        };
    }

    /// <summary>The requirement as a list or watch request takes it.</summary>
    public override string ToString() => Operator switch
    {
        "In" => $"{Key} in ({string.Join(',', Values)})",
        "NotIn" => $"{Key} notin ({string.Join(',', Values)})",
        "DoesNotExist" => $"!{Key}",
        _ => Key,
    };
}
