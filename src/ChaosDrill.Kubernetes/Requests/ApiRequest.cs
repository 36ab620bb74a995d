namespace ChaosDrill.Kubernetes;

/// <summary>One request, before it is sent; it can be sent again.</summary>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    public string Query { get; init; } = "";

    public ReadOnlyMemory<byte>? Body { get; init; }

    public string MediaType { get; init; } = "application/json";

    public string Accept { get; init; } = "application/json";

    /// <summary>Whether an answer with Retry-After is waited out; evictions and probes want to see it.</summary>
    public bool Retries { get; init; } = true;

    /// <summary>How much of a good answer is read; more is an error, or is cut off where <see cref="CutsOff"/> says so.</summary>
    public int BodyLimit { get; init; } = 256 * 1024 * 1024;

    public bool CutsOff { get; init; }
}

/// <summary>One whole answer.</summary>
internal sealed record ApiAnswer(int Code, TimeSpan? RetryAfter, string? MediaType, ReadOnlyMemory<byte> Body, bool Truncated, long ReadAt)
{
    public bool IsSuccess => Code is >= 200 and < 300;
}
