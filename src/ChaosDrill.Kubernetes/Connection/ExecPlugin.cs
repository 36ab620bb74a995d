using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>A program that hands out credentials (client.authentication.k8s.io).</summary>
public sealed record ExecPlugin
{
    /// <summary>The program; a path with a separator, or a name to look up in PATH.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments, handed over as they are: no shell.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Variables added to its environment.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary><c>client.authentication.k8s.io/v1</c> or <c>.../v1beta1</c>.</summary>
    public string ApiVersion { get; init; } = "client.authentication.k8s.io/v1";

    /// <summary>What to tell people who do not have the program.</summary>
    public string? InstallHint { get; init; }

    /// <summary>Whether the program is told which cluster it is for.</summary>
    public bool ProvideClusterInfo { get; init; }

    /// <summary>What the cluster's entry has in store for the program.</summary>
    public JsonElement? ClusterConfig { get; init; }

    /// <summary>Where it is configured, for messages.</summary>
    public string Origin { get; init; } = "exec plugin";

    /// <summary>How long it may run; default one minute.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The command only: arguments and variables may be secret.</summary>
    public override string ToString() => Command;
}

/// <summary>What the plugin is asked and what it answers.</summary>
internal sealed record ExecCredential
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public ExecCredentialSpec? Spec { get; init; }

    public ExecCredentialStatus? Status { get; init; }

    public override string ToString() => "(exec credential)";
}

internal sealed record ExecCredentialSpec
{
    public ExecCluster? Cluster { get; init; }

    public bool Interactive { get; init; }
}

internal sealed record ExecCluster
{
    public string? Server { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("tls-server-name")]
    public string? TlsServerName { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("insecure-skip-tls-verify")]
    public bool? InsecureSkipTlsVerify { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("certificate-authority-data")]
    public string? CertificateAuthorityData { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("proxy-url")]
    public string? ProxyUrl { get; init; }

    public JsonElement? Config { get; init; }
}

internal sealed record ExecCredentialStatus
{
    public DateTimeOffset? ExpirationTimestamp { get; init; }

    public string? Token { get; init; }

    public string? ClientCertificateData { get; init; }

    public string? ClientKeyData { get; init; }

    public override string ToString() => "(exec credential)";
}
