namespace ChaosDrill.Acceptance.Virtual;

/// <summary>A request in the words of RBAC, taken from its path as the API server's own rules say; and its answer.</summary>
internal sealed record LoggedRequest(string Verb, string Group, string Resource, string? Namespace, string? Name, bool DryRun, int Status)
{
    public bool Changes => Verb is not ("get" or "list" or "watch") && !DryRun && Resource != "selfsubjectaccessreviews";

    /// <summary>Whether it was refused for a right that is missing. Nothing can be created in a namespace on its way out either, whatever the rights.</summary>
    public bool LacksRight { get; init; }

    /// <summary>Null for a request about the API itself: its version, its kinds.</summary>
    public static LoggedRequest? Of(HttpRequestMessage request, int status)
    {
        var parts = request.RequestUri!.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToList();
        var query = Uri.UnescapeDataString(request.RequestUri.Query);
        var skipped = parts[0] == "api" ? 2 : 3;
        if (parts[0] is not ("api" or "apis") || parts.Count <= skipped)
        {
            return null;
        }

        var group = parts[0] == "api" ? "" : parts[1];
        var rest = parts[skipped..];
        var ns = rest[0] == "namespaces" && rest.Count > 1 ? rest[1] : null;
        rest = ns is not null && rest.Count > 2 ? rest[2..] : rest;
        var name = rest.Count > 1 ? rest[1] : null;
        var verb = request.Method.Method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ when name is not null => "get",
            _ => query.Contains("watch=", StringComparison.Ordinal) ? "watch" : "list",
        };
        const string Named = "metadata.name=";
        var at = query.IndexOf(Named, StringComparison.Ordinal);
        name ??= at < 0 ? null : query[(at + Named.Length)..].Split(',', '&')[0];
        return new LoggedRequest(
            verb, group, rest.Count > 2 ? $"{rest[0]}/{rest[2]}" : rest[0], ns, name, query.Contains("dryRun=All", StringComparison.Ordinal), status);
    }
}

/// <summary>Notes what is asked of a cluster.</summary>
internal sealed class RequestLog(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    public List<LoggedRequest> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (LoggedRequest.Of(request, (int)response.StatusCode) is { } logged)
        {
            Requests.Add(logged.Status == 403
                ? logged with { LacksRight = !(await response.Content.ReadAsStringAsync(cancellationToken)).Contains("is being terminated", StringComparison.Ordinal) }
                : logged);
        }

        return response;
    }
}
