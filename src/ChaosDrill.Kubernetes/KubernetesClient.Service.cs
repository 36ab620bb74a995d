using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Kubernetes;

public sealed partial class KubernetesClient
{
    private const int ProxyBodyLimit = 64 * 1024;

    private readonly ConcurrentDictionary<string, IReadOnlyList<ApiResource>> discovered = new(StringComparer.Ordinal);

    /// <summary>Asks for the eviction of a pod, which disruption budgets may refuse. Never retried here: a 429 belongs to the drain.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod's name.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the pod may have been evicted nevertheless.</param>
    /// <returns>What the server said.</returns>
    /// <exception cref="ApiException">
    /// 429: the budget does not allow it now (RetryAfter is null unless the budget's own status lags); 404: no such pod;
    /// 500: more than one budget; 403: the namespace is ending, or the right is missing.
    /// </exception>
    public async Task<Status> EvictAsync(string ns, string pod, EvictionOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var body = new EvictionBody("policy/v1", "Eviction", new ObjectMeta { Name = pod, Namespace = ns }, DeleteOptionsBody.From(options));
        var request = new ApiRequest(HttpMethod.Post, ApiPath.Object(Resources.Pods, ns, pod, "eviction"))
        {
            Query = new ApiQuery().DryRun(options.DryRun).ToString(),
            Body = JsonSerializer.SerializeToUtf8Bytes(body, KubernetesJson.Default.EvictionBody),
            Retries = false,
        };
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, KubernetesJson.Default.Status);
    }

    /// <summary>Asks whether the caller has a right (SelfSubjectAccessReview).</summary>
    /// <param name="attributes">The right.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<AccessReview> ReviewAccessAsync(AccessAttributes attributes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        var request = new ApiRequest(HttpMethod.Post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(
                new AccessReviewBody { Spec = new AccessReviewSpec(attributes) }, KubernetesJson.Default.AccessReviewBody),
        };
        var status = AnswerReader.Object(await AskAsync(request, cancellationToken), request, KubernetesJson.Default.AccessReviewBody).Status ?? new();
        return new AccessReview(status.Allowed && status.Denied != true, status.Reason is { Length: > 0 } reason ? reason : status.EvaluationError ?? "");
    }

    /// <summary>Sends a request to a service through the API server's proxy; never retried, since it is an observation.</summary>
    /// <param name="ns">The service's namespace.</param>
    /// <param name="service">The service's name; <c>https:NAME</c> makes the proxy speak TLS.</param>
    /// <param name="port">The port's number or name; null for a service's only port.</param>
    /// <param name="path">The path and query at the pod.</param>
    /// <param name="method">The method; null for GET.</param>
    /// <param name="bodyLimit">The answer is cut off after so many bytes.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer, whatever its status, and whether a pod gave it.</returns>
    /// <exception cref="ApiUnreachableException">The API server itself gave no answer.</exception>
    public async Task<ProxyAnswer> ProxyServiceAsync(
        string ns, string service, string? port, string path, HttpMethod? method = null, int bodyLimit = ProxyBodyLimit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var target = string.IsNullOrEmpty(port) ? ApiPath.Escape(service, "service") : $"{ApiPath.Escape(service, "service")}:{ApiPath.Escape(port, "port")}";
        var request = new ApiRequest(method ?? HttpMethod.Get, $"{ApiPath.Collection(Resources.Services, ns)}/{target}/proxy/{ApiPath.Inner(path)}")
        {
            Accept = "*/*",
            Retries = false,
            BodyLimit = bodyLimit,
            CutsOff = true,
        };
        var answer = await transport.SendAsync(request, cancellationToken);
        var failure = answer.IsSuccess ? null : AnswerReader.ParseStatus(answer) is { ApiVersion: "v1", Outcome: "Failure" } status ? status : null;
        var text = AnswerReader.Text(answer.Body.Span);

        // Servers before 1.20 say it in plain text.
        var dialled = !answer.IsSuccess && text.StartsWith("Error trying to reach service", StringComparison.OrdinalIgnoreCase);
        return new ProxyAnswer(answer.Code, text, answer.Truncated, failure is not null || dialled, failure, answer.ReadAt);
    }

    /// <summary>Asks for the server's version.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ServerVersion> GetServerVersionAsync(CancellationToken cancellationToken = default)
    {
        var request = new ApiRequest(HttpMethod.Get, "/version");
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, KubernetesJson.Default.ServerVersion);
    }

    /// <summary>Reads any path as text, for example <c>/readyz?verbose</c> or a pod's log.</summary>
    /// <param name="path">The path and query, as the server expects them.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<string> GetTextAsync(string path, CancellationToken cancellationToken = default) => GetTextAsync(path, retries: true, cancellationToken);

    /// <summary>Reads any path as text.</summary>
    /// <param name="path">The path and query, as the server expects them.</param>
    /// <param name="retries">Whether an answer that says when to come back is waited out; an observation is not.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<string> GetTextAsync(string path, bool retries, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var request = new ApiRequest(HttpMethod.Get, "/" + ApiPath.Inner(query < 0 ? path : path[..query]))
        {
            Query = query < 0 ? "" : path[query..],
            Accept = "*/*",
            Retries = retries,
        };
        return AnswerReader.Text((await AskAsync(request, cancellationToken)).Body.Span);
    }

    /// <summary>Sends JSON to any path of the server, and reads JSON back; never retried.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, as the server expects it.</param>
    /// <param name="body">What is sent; null for nothing.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ApiException">The server refused, or answered with something else than JSON.</exception>
    public async Task<JsonElement> SendJsonAsync(HttpMethod method, string path, JsonNode? body = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var request = new ApiRequest(method, "/" + ApiPath.Inner(path))
        {
            Body = body is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(body.ToJsonString()),
            Retries = false,
        };
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, KubernetesJson.Default.JsonElement);
    }

    /// <summary>Lists the resources of one group and version, subresources included; asked once and remembered.</summary>
    /// <param name="apiVersion">For example <c>v1</c> or <c>apps/v1</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ApiException">404: the server does not know this group and version.</exception>
    public async Task<IReadOnlyList<ApiResource>> DiscoverAsync(string apiVersion, CancellationToken cancellationToken = default)
    {
        var (group, version) = SplitApiVersion(apiVersion);
        if (discovered.TryGetValue(apiVersion, out var known))
        {
            return known;
        }

        var path = group.Length == 0
            ? $"/api/{ApiPath.Escape(version, "version")}"
            : $"/apis/{ApiPath.Escape(group, "group")}/{ApiPath.Escape(version, "version")}";
        var request = new ApiRequest(HttpMethod.Get, path);
        var list = AnswerReader.Object(await AskAsync(request, cancellationToken), request, KubernetesJson.Default.ApiResourceList);
        return discovered[apiVersion] = list.Resources;
    }

    /// <summary>Finds a kind.</summary>
    /// <param name="apiVersion">For example <c>apps/v1</c>.</param>
    /// <param name="kind">For example <c>Deployment</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ApiException">404: the server does not know it.</exception>
    public async Task<Resource<JsonElement>> ResolveAsync(string apiVersion, string kind, CancellationToken cancellationToken = default)
    {
        var (group, version) = SplitApiVersion(apiVersion);
        IReadOnlyList<ApiResource> offered;
        try
        {
            offered = await DiscoverAsync(apiVersion, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            throw NoMatch(apiVersion, kind, error.Path, error);
        }

        var found = offered.FirstOrDefault(resource => !resource.IsSubresource && resource.Kind == kind);
        if (found is null)
        {
            // A kind may have been added since: the next question asks the server again.
            discovered.TryRemove(apiVersion, out _);
            throw NoMatch(apiVersion, kind, group.Length == 0 ? $"/api/{version}" : $"/apis/{apiVersion}", null);
        }

        return Resources.Any(group, version, found.Name, found.Kind, found.Namespaced);
    }

    // As kubectl words it.
    private static ApiException NoMatch(string apiVersion, string kind, string path, Exception? inner) => new(
        new Status { Code = 404, Reason = "NotFound", Message = $"no matches for kind \"{kind}\" in version \"{apiVersion}\"; is its custom resource definition installed?" },
        "GET", path, null, inner);

    private static (string Group, string Version) SplitApiVersion(string apiVersion)
    {
        ArgumentException.ThrowIfNullOrEmpty(apiVersion);
        var parts = apiVersion.Split('/');
        return parts switch
        {
            [var version] => ("", version),
            [var group, var version] => (group, version),
            _ => throw new ArgumentException($"\"{apiVersion}\" is no group and version.", nameof(apiVersion)),
        };
    }
}
