namespace ChaosDrill.Kubernetes;

/// <summary>What came back through the API server's service proxy.</summary>
/// <param name="StatusCode">The HTTP status code.</param>
/// <param name="Body">The body as text, cut off at the limit.</param>
/// <param name="Truncated">Whether the body was cut off.</param>
/// <param name="FromApiServer">
/// Whether the API server answered in place of a pod: no ready endpoint, no connection to the pod, no such service, no right.
/// False means that a pod answered.
/// </param>
/// <param name="Failure">What the API server said, when it answered in place of a pod and said it as a Status.</param>
/// <param name="ReceivedAt">The clock's timestamp when the last byte that was read arrived.</param>
public sealed record ProxyAnswer(int StatusCode, string Body, bool Truncated, bool FromApiServer, Status? Failure, long ReceivedAt);
