using System.Text.Json.Serialization;

namespace ChaosDrill.Kubernetes;

// The bodies that only requests carry; the public options are what callers see.

internal sealed record PreconditionsBody(string? Uid, string? ResourceVersion);

internal sealed record DeleteOptionsBody(
    [property: JsonPropertyOrder(-2)] string ApiVersion,
    [property: JsonPropertyOrder(-1)] string Kind,
    long? GracePeriodSeconds,
    PreconditionsBody? Preconditions,
    string? PropagationPolicy,
    IReadOnlyList<string>? DryRun)
{
    public static DeleteOptionsBody From(DeleteOptions options) => new(
        "v1",
        "DeleteOptions",
        Seconds(options.GracePeriod),
        Preconditioned(options.PreconditionUid, options.PreconditionResourceVersion),
        options.PropagationPolicy?.ToString(),
        options.DryRun ? ["All"] : null);

    public static DeleteOptionsBody? From(EvictionOptions options) =>
        options is { GracePeriod: null, PreconditionUid: null, DryRun: false }
            ? null
            : new("v1", "DeleteOptions", Seconds(options.GracePeriod), Preconditioned(options.PreconditionUid, null), null, options.DryRun ? ["All"] : null);

    private static PreconditionsBody? Preconditioned(string? uid, string? version) => uid is null && version is null ? null : new(uid, version);

    private static long? Seconds(TimeSpan? period) => period switch
    {
        null => null,
        { Ticks: < 0 } => throw new ArgumentException("A grace period cannot be negative."),
        // Rounded up: a half-second asked for must not become an immediate kill.
        { } time => (long)Math.Ceiling(time.TotalSeconds),
    };
}

internal sealed record EvictionBody(string ApiVersion, string Kind, ObjectMeta Metadata, DeleteOptionsBody? DeleteOptions);

internal sealed record AccessReviewBody
{
    public string ApiVersion { get; init; } = "authorization.k8s.io/v1";

    public string Kind { get; init; } = "SelfSubjectAccessReview";

    public AccessReviewSpec? Spec { get; init; }

    public AccessReviewStatus? Status { get; init; }
}

internal sealed record AccessReviewSpec(AccessAttributes ResourceAttributes);

internal sealed record AccessReviewStatus
{
    public bool Allowed { get; init; }

    public bool? Denied { get; init; }

    public string? Reason { get; init; }

    public string? EvaluationError { get; init; }
}

internal sealed record ListMeta
{
    public string? ResourceVersion { get; init; }

    public string? Continue { get; init; }
}

internal sealed record ApiResourceList
{
    public string? GroupVersion { get; init; }

    public IReadOnlyList<ApiResource> Resources { get => field ?? []; init; }
}
