using System.Net;
using System.Text;

namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>One request as a handler saw it.</summary>
internal sealed record SeenRequest(string Method, string Path, string Query, string? MediaType, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>Answers requests in-process, one by one, from a script.</summary>
internal sealed class ScriptedServer(Func<SeenRequest, HttpResponseMessage> answer) : HttpMessageHandler
{
    public static readonly Uri Address = new("https://fake.test:6443");

    public List<SeenRequest> Requests { get; } = [];

    /// <summary>A server that gives these answers in turn.</summary>
    public static ScriptedServer InTurn(params Func<HttpResponseMessage>[] answers)
    {
        var next = 0;
        return new ScriptedServer(_ => next < answers.Length ? answers[next++]() : throw new InvalidOperationException("The script has ended."));
    }

    public KubernetesClient Client(TimeProvider? clock = null) => new(Address, this, clock ?? new ManualClock());

    public static HttpResponseMessage Json(string body, int code = 200, string? retryAfter = null) => Raw(new MemoryStream(Encoding.UTF8.GetBytes(body)), code, "application/json", retryAfter);

    public static HttpResponseMessage Text(string body, int code) => Raw(new MemoryStream(Encoding.UTF8.GetBytes(body)), code, "text/plain");

    public static HttpResponseMessage Raw(Stream body, int code = 200, string mediaType = "application/json", string? retryAfter = null)
    {
        var response = new HttpResponseMessage((HttpStatusCode)code) { Content = new StreamContent(body) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        if (retryAfter is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        return response;
    }

    public static string Status(int code, string reason, string message) =>
        $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}""";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Requests.Add(await Read(request));
        return answer(Requests[^1]);
    }

    public static async Task<SeenRequest> Read(HttpRequestMessage request)
    {
        using var body = new MemoryStream();
        if (request.Content is not null)
        {
            await request.Content.CopyToAsync(body);
        }

        return new SeenRequest(
            request.Method.Method,
            request.RequestUri!.AbsolutePath,
            Uri.UnescapeDataString(request.RequestUri.Query),
            request.Content?.Headers.ContentType?.MediaType,
            Encoding.UTF8.GetString(body.ToArray()),
            request.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));
    }
}
