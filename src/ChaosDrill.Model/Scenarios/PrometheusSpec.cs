namespace ChaosDrill.Model.Scenarios;

/// <summary>The Prometheus that <c>promql</c> probes and objectives ask, or anything with its HTTP API. It is reached at a <c>url</c>, or as a <c>service</c> of the cluster.</summary>
public sealed record PrometheusSpec
{
    /// <summary>Its address, such as <c>https://prometheus.example:9090</c>, with the path that it is served under, if any.</summary>
    public string? Url { get; init; }

    /// <summary>A service of the cluster, asked through the API server's proxy.</summary>
    public PrometheusService? Service { get; init; }

    /// <summary>File with the bearer token that <c>url</c> asks for, relative to the scenario file. It is read anew for each request.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Name of the environment variable that holds the bearer token.</summary>
    public string? TokenEnv { get; init; }

    /// <summary>File with the certificates (PEM) that the server's is signed with, relative to the scenario file. Without it, those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>How long one answer may take, 100ms to 5m. Probes have their own limit.</summary>
    [Between("100ms", "5m")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time from one look at its alerts to the next, 100ms to 1h. The time to detect is known no better than that.</summary>
    [Between("100ms", "1h")]
    public TimeSpan AlertsEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Names of the alerts that the drill is expected to set off, besides those that objectives name. Any other that begins to fire is shown as unexpected.</summary>
    public IReadOnlyList<string> ExpectedAlerts { get; init; } = [];

    /// <summary>What is wrong with it beyond the types of its fields.</summary>
    public IEnumerable<OptionProblem> Check()
    {
        if (Url is null == Service is null)
        {
            yield return new OptionProblem(Url is null ? "" : "service", "Prometheus is reached in one way", "write one of url: http://HOST:9090 and service: { name: NAME, port: 9090 }");
        }

        if (Url is not null && (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.Fragment.Length > 0))
        {
            yield return new OptionProblem("url", "this is no http or https address", "write http://HOST:9090, without a query");
        }
        else if (Url is not null && new Uri(Url).UserInfo.Length > 0)
        {
            yield return new OptionProblem("url", "an address that holds a password ends up in logs and reports", "write the address without it, and put a token into tokenFile or tokenEnv");
        }

        if (TokenFile is not null && TokenEnv is not null)
        {
            yield return new OptionProblem("tokenEnv", "there is one token", "write one of tokenFile and tokenEnv");
        }

        if (Service is not null && (TokenFile ?? TokenEnv ?? CaFile) is not null)
        {
            yield return new OptionProblem(
                TokenFile is not null ? "tokenFile" : TokenEnv is not null ? "tokenEnv" : "caFile",
                "the API server's proxy takes the token for its own and keeps it", "leave it out, or reach Prometheus by url");
        }
    }
}

/// <summary>A service of the cluster behind which Prometheus answers.</summary>
public sealed record PrometheusService
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its port, by number or name.</summary>
    [OrNumber]
    public required string Port { get; init; }

    /// <summary>Its namespace. Without it, that of the scenario.</summary>
    [DnsLabel]
    public string? Namespace { get; init; }
}
