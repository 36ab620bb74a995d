using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Prometheus;

/// <summary>The way through the API server's proxy.</summary>
internal sealed class ServiceDoor(KubernetesClient client, string ns, PrometheusService service) : IPrometheusDoor
{
    public string Name => $"Prometheus behind service {ns}/{service.Name}:{service.Port}";

    public async Task<(int Status, string Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.ProxyServiceAsync(ns, service.Name, service.Port, path, bodyLimit: IPrometheusDoor.MostBytes, cancellationToken: cancellationToken);
            return answer.Truncated ? throw IPrometheusDoor.TooLarge()
                : answer.FromApiServer ? throw new PrometheusException($"HTTP {answer.StatusCode}: {answer.Failure?.Message ?? answer.Body}")
                : (answer.StatusCode, answer.Body);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            throw new PrometheusException(e.Message);
        }
    }

    /// <summary>Nothing: the client is the cluster's.</summary>
    public void Dispose()
    {
    }
}
