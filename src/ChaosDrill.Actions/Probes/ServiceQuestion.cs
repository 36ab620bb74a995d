using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Probes;

/// <summary>Asks a service through the API server's proxy, and tells a failing service from a failing API server.</summary>
internal sealed class ServiceQuestion(KubernetesClient client, string ns, ServiceProbe target) : IProbe
{
    public string Summary => $"GET {target.Path} of service {target.Name}:{target.Port} through the API server";

    public IReadOnlyList<AccessNeed> Needs => [new("get", "", "services/proxy", ns, "probe the service", $"{target.Name}:{target.Port}")];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.ProxyServiceAsync(ns, target.Name, target.Port, target.Path, cancellationToken: cancellationToken);
            return Judge(answer);
        }
        catch (ApiException e)
        {
            return new ProbeReply(SampleOutcome.Unknown, e.Message);
        }
        catch (ApiUnreachableException e)
        {
            return new ProbeReply(SampleOutcome.Unknown, e.Message);
        }
    }

    /// <summary>
    /// What the API server says of itself (overload, missing rights, no store) is no statement about the service;
    /// what it says of the service (no endpoints, no connection, no such service) is.
    /// </summary>
    internal static ProbeReply Judge(ProxyAnswer answer)
    {
        if (!answer.FromApiServer)
        {
            return answer.StatusCode is >= 200 and < 400
                ? new ProbeReply(SampleOutcome.Success, null)
                : new ProbeReply(SampleOutcome.Failure, $"HTTP {answer.StatusCode}");
        }

        var message = answer.Failure?.Message ?? answer.Body;
        var ofTheService = answer.StatusCode == 404
            || message.Contains("no endpoints available for service", StringComparison.Ordinal)
            || message.Contains("error trying to reach service", StringComparison.Ordinal);
        return new ProbeReply(ofTheService ? SampleOutcome.Failure : SampleOutcome.Unknown, $"HTTP {answer.StatusCode}: {message}");
    }
}
