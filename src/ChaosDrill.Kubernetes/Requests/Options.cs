namespace ChaosDrill.Kubernetes;

/// <summary>Which objects to list.</summary>
public sealed record ListOptions
{
    /// <summary>Only objects whose labels match, for example <c>app=web,tier!=cache</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects whose fields match, for example <c>spec.nodeName=node1</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects a page; default 500.</summary>
    public int Limit { get; init; } = 500;
}

/// <summary>What a list request found.</summary>
/// <param name="Items">The objects of all pages.</param>
/// <param name="ResourceVersion">The version of the whole list; a watch can begin here.</param>
public sealed record ObjectList<T>(IReadOnlyList<T> Items, string? ResourceVersion);

/// <summary>How to create or replace.</summary>
public sealed record WriteOptions
{
    /// <summary>Who the change is booked to in managedFields.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Let the server check everything and change nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>How to patch.</summary>
public sealed record PatchOptions
{
    /// <summary>Who the change is booked to in managedFields; server-side apply demands one, and without one <c>chaosdrill</c> is taken.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Take over fields that others own; for server-side apply only.</summary>
    public bool Force { get; init; }

    /// <summary>Let the server check everything and change nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What becomes of dependents when their owner is deleted.</summary>
public enum PropagationPolicy
{
    /// <summary>They are deleted afterwards.</summary>
    Background,

    /// <summary>They are deleted first.</summary>
    Foreground,

    /// <summary>They stay.</summary>
    Orphan,
}

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>How long a graceful stop may take, whole seconds; zero removes at once; null is the object's own.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Delete only the object with this identity, not a namesake.</summary>
    public string? PreconditionUid { get; init; }

    /// <summary>Delete only this version.</summary>
    public string? PreconditionResourceVersion { get; init; }

    /// <summary>What becomes of dependents; null is the kind's own default.</summary>
    public PropagationPolicy? PropagationPolicy { get; init; }

    /// <summary>Let the server check everything and change nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>How to evict.</summary>
public sealed record EvictionOptions
{
    /// <summary>How long a graceful stop may take, whole seconds; zero removes at once; null is the pod's own.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Evict only the pod with this identity, not a namesake.</summary>
    public string? PreconditionUid { get; init; }

    /// <summary>Ask whether the budget would allow it, and change nothing.</summary>
    public bool DryRun { get; init; }
}
