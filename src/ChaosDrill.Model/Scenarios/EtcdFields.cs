namespace ChaosDrill.Model.Scenarios;

/// <summary>The fields by which a scenario says where etcd is.</summary>
public static class EtcdFields
{
    /// <summary>What is wrong with them; empty when nothing is.</summary>
    /// <param name="endpoints">Addresses of members.</param>
    /// <param name="preset">Name of a distribution.</param>
    /// <param name="cert">File of the client certificate.</param>
    /// <param name="key">File of its key.</param>
    public static IEnumerable<OptionProblem> Check(IReadOnlyList<string> endpoints, string? preset, string? cert, string? key)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (preset is not (null or "kubeadm" or "k3s"))
        {
            yield return new OptionProblem("preset", $"there is no preset \"{preset}\"", "write kubeadm or k3s, or endpoints, ca, cert and key");
        }

        foreach (var endpoint in endpoints.Where(e => !(Uri.TryCreate(e, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")))
        {
            yield return new OptionProblem("endpoints", $"\"{endpoint}\" is no http or https address", "write https://HOST:2379");
        }

        if (cert is null != key is null)
        {
            yield return new OptionProblem(cert is null ? "key" : "cert", "a certificate and its key belong together", "write both cert and key");
        }
    }
}
