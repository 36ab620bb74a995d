using System.Text;
using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>Credentials of an exec plugin: asked once, kept until they expire or the server refuses them.</summary>
internal sealed class ExecCredentialSource(ExecPlugin plugin, ClusterConfiguration configuration, TimeProvider clock) : ICredentialSource, IDisposable
{
    private static readonly TimeSpan leastUse = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim door = new(1, 1);
    private volatile Credential? last;
    private DateTimeOffset? expires;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        if (last is { } kept && !(expires <= clock.GetUtcNow()))
        {
            return kept;
        }

        await door.WaitAsync(cancellationToken);
        try
        {
            if (last is { } fresh && !(expires <= clock.GetUtcNow()))
            {
                return fresh;
            }

            var status = await AskAsync(cancellationToken);

            // A plugin that hands out what has expired must not be run for every request twice; the server will say no.
            var soonest = clock.GetUtcNow() + leastUse;
            var credential = Read(status);
            expires = status.ExpirationTimestamp < soonest ? soonest : status.ExpirationTimestamp;
            return last = credential;
        }
        finally
        {
            door.Release();
        }
    }

    public bool Refused(Credential credential)
    {
        // Somebody may have fetched a new one already.
        if (ReferenceEquals(last, credential))
        {
            last = null;
        }

        return true;
    }

    public void Dispose() => door.Dispose();

    private async Task<ExecCredentialStatus> AskAsync(CancellationToken cancellationToken)
    {
        var question = new ExecCredential
        {
            ApiVersion = plugin.ApiVersion,
            Kind = "ExecCredential",
            Spec = new ExecCredentialSpec { Interactive = false, Cluster = plugin.ProvideClusterInfo ? Cluster() : null },
        };
        var variables = new Dictionary<string, string>(plugin.Env)
        {
            ["KUBERNETES_EXEC_INFO"] = JsonSerializer.Serialize(question, KubernetesJson.Default.ExecCredential),
        };
        var output = await new PluginProcess(plugin, clock).RunAsync(variables, cancellationToken);
        ExecCredential? answer;
        try
        {
            answer = JsonSerializer.Deserialize(output.Span, KubernetesJson.Default.ExecCredential);
        }
        catch (JsonException error)
        {
            // The output may hold a token: it is not quoted, and neither is the parser's message.
            throw Failed($"did not print an ExecCredential: its output is no JSON (line {error.LineNumber + 1})");
        }

        if (answer?.Kind != "ExecCredential")
        {
            throw Failed("did not print an ExecCredential: \"kind\" is missing or another");
        }

        if (answer.ApiVersion != plugin.ApiVersion)
        {
            throw Failed($"answered with apiVersion \"{answer.ApiVersion}\" where \"{plugin.ApiVersion}\" is configured; correct apiVersion in the kubeconfig, or update the program");
        }

        return answer.Status ?? throw Failed("printed an ExecCredential without \"status\"");
    }

    private Credential Read(ExecCredentialStatus status)
    {
        var certificate = status.ClientCertificateData;
        var key = status.ClientKeyData;
        if (string.IsNullOrEmpty(certificate) != string.IsNullOrEmpty(key))
        {
            throw Failed("printed a client certificate without its key, or a key without its certificate");
        }

        if (string.IsNullOrEmpty(status.Token) && string.IsNullOrEmpty(certificate))
        {
            throw Failed("printed neither a token nor a client certificate");
        }

        var origin = $"{plugin.Origin}: the output of \"{plugin.Command}\"";
        return new Credential(
            string.IsNullOrEmpty(status.Token) ? null : Credential.Bearer(status.Token, origin),
            string.IsNullOrEmpty(certificate) ? null : Certificates.Client(certificate, key!, origin, origin));
    }

    private ExecCluster Cluster() => new()
    {
        Server = configuration.Server.ToString().TrimEnd('/'),
        TlsServerName = configuration.TlsServerName,
        InsecureSkipTlsVerify = configuration.InsecureSkipTlsVerify ? true : null,
        CertificateAuthorityData = configuration.CertificateAuthority.Count == 0
            ? null
            : Convert.ToBase64String(Encoding.ASCII.GetBytes(configuration.CertificateAuthority.ExportCertificatePems())),
        ProxyUrl = configuration.Proxy?.ToString(),
        Config = plugin.ClusterConfig,
    };

    private KubeconfigException Failed(string what) => new($"{plugin.Origin}: \"{plugin.Command}\" {what}");
}
