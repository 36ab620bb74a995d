using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Prometheus;

/// <summary>The way to a Prometheus: over the network, or through the API server.</summary>
internal interface IPrometheusDoor : IDisposable
{
    /// <summary>An answer larger than this is not read.</summary>
    const int MostBytes = 16 * 1024 * 1024;

    /// <summary>How it is called in messages.</summary>
    string Name { get; }

    /// <summary>Gets a path with its query.</summary>
    /// <exception cref="PrometheusException">There is no answer of Prometheus itself.</exception>
    Task<(int Status, string Body)> GetAsync(string path, CancellationToken cancellationToken);

    /// <summary>The way that a scenario names.</summary>
    /// <param name="spec">What it names.</param>
    /// <param name="folder">The scenario's, where its files are.</param>
    /// <param name="ns">The scenario's namespace.</param>
    /// <param name="client">Speaks with the API server.</param>
    static IPrometheusDoor Of(PrometheusSpec spec, string folder, string ns, KubernetesClient client) =>
        spec.Service is { } service ? new ServiceDoor(client, service.Namespace ?? ns, service) : new UrlDoor(spec, folder);

    /// <summary>An answer that is not read to its end.</summary>
    static PrometheusException TooLarge() => new($"the answer is larger than {MostBytes / 1024 / 1024} MiB; ask for fewer series", ofQuery: true);
}
