using System.Security.Cryptography.X509Certificates;

namespace ChaosDrill.Kubernetes;

/// <summary>Where a cluster is and who is asking. <see cref="Kubeconfig"/> makes one; so does <see cref="InCluster"/>.</summary>
/// <remarks>Certificates are held as loaded; it is not disposed, for it lives as long as the program.</remarks>
public sealed record ClusterConfiguration
{
    internal const string ServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The API server's address; a path is put before each request's.</summary>
    public required Uri Server { get; init; }

    /// <summary>The namespace meant when none is named; default <c>default</c>.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The context it came from.</summary>
    public string? Context { get; init; }

    /// <summary>The file the context came from, or another origin, for messages.</summary>
    public string? Source { get; init; }

    /// <summary>Who may have signed the server's certificate; empty trusts the system's authorities.</summary>
    public X509Certificate2Collection CertificateAuthority { get; init; } = [];

    /// <summary>Whether the server's certificate goes unchecked.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The name to ask for and to check in the server's certificate in place of the address' host.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The client's certificate with its key, then intermediates; empty for none.</summary>
    public X509Certificate2Collection ClientCertificate { get; init; } = [];

    /// <summary>A bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>A file with a bearer token, read again as it rotates; goes before <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The name for basic authentication.</summary>
    public string? Username { get; init; }

    /// <summary>The password for basic authentication.</summary>
    public string? Password { get; init; }

    /// <summary>A program that hands out credentials.</summary>
    public ExecPlugin? Exec { get; init; }

    /// <summary>Whom to act as.</summary>
    public Impersonation? Impersonate { get; init; }

    /// <summary>The proxy to use for this cluster; null asks the environment.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>How long one request may take; null is <see cref="KubernetesClient.DefaultRequestTimeout"/>.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>How often a silent HTTP/2 connection is tried, and how long the echo may take; default 5 seconds each.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where HTTPS_PROXY, NO_PROXY and the like are read; null is the process's environment.</summary>
    public Func<string, string?>? Environment { get; init; }

    /// <summary>The configuration of a pod: its service account, and the server that its environment names.</summary>
    /// <param name="environment">Where variables are read; null is the process's environment.</param>
    /// <param name="directory">Where the service account is mounted; null is the usual place.</param>
    /// <exception cref="KubeconfigException">This is no pod, or it has no service account.</exception>
    public static ClusterConfiguration InCluster(Func<string, string?>? environment = null, string? directory = null)
    {
        environment ??= System.Environment.GetEnvironmentVariable;
        directory ??= ServiceAccountDirectory;
        var host = environment("KUBERNETES_SERVICE_HOST");
        var port = environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new KubeconfigException("this process does not run in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; name a kubeconfig");
        }

        var token = Path.Combine(directory, "token");
        if (!File.Exists(token))
        {
            throw new KubeconfigException($"{token} does not exist: the pod runs without a service account token; set automountServiceAccountToken: true");
        }

        var authority = Path.Combine(directory, "ca.crt");
        var ns = Path.Combine(directory, "namespace");
        if (!Uri.TryCreate($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}", UriKind.Absolute, out var server))
        {
            throw new KubeconfigException($"KUBERNETES_SERVICE_HOST=\"{host}\" and KUBERNETES_SERVICE_PORT=\"{port}\" make no address");
        }

        return new ClusterConfiguration
        {
            Server = server,
            Source = "the pod's service account",
            TokenFile = token,
            CertificateAuthority = File.Exists(authority) ? Certificates.Authorities(Certificates.Read(authority, "the service account"), authority) : [],
            Namespace = File.Exists(ns) && File.ReadAllText(ns).Trim() is { Length: > 0 } named ? named : "default",
            Environment = environment,
        };
    }

    /// <summary>The server and its origin; never a credential.</summary>
    public override string ToString() => Describe();

    internal string Describe()
    {
        var server = Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        return (Context, Source) switch
        {
            ({ } context, { } source) => $"{server} (context \"{context}\" of {source})",
            (null, { } source) => $"{server} ({source})",
            ({ } context, null) => $"{server} (context \"{context}\")",
            _ => server,
        };
    }
}

/// <summary>Whom to act as.</summary>
public sealed record Impersonation
{
    /// <summary>The user.</summary>
    public string? User { get; init; }

    /// <summary>The user's identity.</summary>
    public string? Uid { get; init; }

    /// <summary>The user's groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>More about the user.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether a header has to be sent more than once, see <see cref="HeaderLines"/>.</summary>
    internal bool NeedsHeaderLines => Groups.Count > 1 || Extra.Values.Any(values => values.Count > 1);
}
