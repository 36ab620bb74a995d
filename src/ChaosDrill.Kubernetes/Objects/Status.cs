namespace ChaosDrill.Kubernetes;

/// <summary>What the API server says about a request that failed, or that has nothing else to return.</summary>
public sealed record Status
{
    /// <summary>Always <c>Status</c> in a genuine one.</summary>
    public string? Kind { get; init; }

    /// <summary>Always <c>v1</c> in a genuine one.</summary>
    public string? ApiVersion { get; init; }

    /// <summary><c>Success</c> or <c>Failure</c>; the member's name is <c>status</c>.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("status")]
    public string? Outcome { get; init; }

    /// <summary>For people.</summary>
    public string? Message { get; init; }

    /// <summary>In one word, for example <c>NotFound</c>; some failures have none.</summary>
    public string? Reason { get; init; }

    /// <summary>The HTTP status code.</summary>
    public int Code { get; init; }

    /// <summary>What the reason speaks of.</summary>
    public StatusDetails Details { get => field ??= new(); init; }
}

/// <summary>What a status speaks of.</summary>
public sealed record StatusDetails
{
    /// <summary>The object's name.</summary>
    public string? Name { get; init; }

    /// <summary>The object's group.</summary>
    public string? Group { get; init; }

    /// <summary>The object's kind, or its resource.</summary>
    public string? Kind { get; init; }

    /// <summary>The object's identity.</summary>
    public string? Uid { get; init; }

    /// <summary>What went wrong, one by one.</summary>
    public IReadOnlyList<StatusCause> Causes { get => field ?? []; init; }

    /// <summary>Seconds after which another try makes sense.</summary>
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>One thing that went wrong.</summary>
public sealed record StatusCause
{
    /// <summary>In one word, for example <c>DisruptionBudget</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>For people.</summary>
    public string? Message { get; init; }

    /// <summary>The member of the object that is meant.</summary>
    public string? Field { get; init; }
}
