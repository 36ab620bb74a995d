namespace ChaosDrill.Kubernetes;

/// <summary>The API server answered, and the answer is no.</summary>
/// <remarks>The message is the server's own where it gave one. Neither message nor members carry credentials.</remarks>
public sealed class ApiException : Exception
{
    /// <summary>Makes one from what the server said.</summary>
    /// <param name="status">What the server said, or what was made of its answer.</param>
    /// <param name="verb">The method of the request.</param>
    /// <param name="path">The path of the request, without its query.</param>
    /// <param name="retryAfter">When another try makes sense.</param>
    /// <param name="inner">What led to this, if not the server's answer alone.</param>
    public ApiException(Status status, string verb, string path, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(MessageOf(status, verb, path), inner)
    {
        Status = status;
        Verb = verb;
        Path = path;
        RetryAfter = retryAfter ?? (status.Details.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>Everything the server said.</summary>
    public Status Status { get; }

    /// <summary>The HTTP status code; of a 2xx answer that could not be read, that code.</summary>
    public int Code => Status.Code;

    /// <summary>In one word, for example <c>NotFound</c>; null when the server gave none.</summary>
    public string? Reason => Status.Reason;

    /// <summary>What went wrong, one by one.</summary>
    public IReadOnlyList<StatusCause> Causes => Status.Details.Causes;

    /// <summary>When another try makes sense; null when the server does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The method of the request.</summary>
    public string Verb { get; }

    /// <summary>The path of the request, without its query.</summary>
    public string Path { get; }

    /// <summary>Whether the object, or the API, is not there.</summary>
    public bool IsNotFound => Code == 404;

    /// <summary>Whether the object was changed meanwhile, or a precondition failed.</summary>
    public bool IsConflict => Code == 409 && Reason != "AlreadyExists";

    /// <summary>Whether the object exists already.</summary>
    public bool IsAlreadyExists => Code == 409 && Reason == "AlreadyExists";

    /// <summary>Whether the caller lacks the right.</summary>
    public bool IsForbidden => Code == 403;

    /// <summary>Whether the server does not know who is asking.</summary>
    public bool IsUnauthorized => Code == 401;

    /// <summary>Whether the server asks for patience; of an eviction: the disruption budget does not allow it now.</summary>
    public bool IsTooManyRequests => Code == 429;

    /// <summary>Whether the history asked for is no longer kept.</summary>
    public bool IsGone => Code == 410 || Reason is "Expired" or "Gone";

    private static string MessageOf(Status status, string verb, string path)
    {
        ArgumentNullException.ThrowIfNull(status);
        return string.IsNullOrEmpty(status.Message) ? $"{verb} {path}: the server answered {status.Code} and gave no reason" : status.Message;
    }
}
