using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Probes;

/// <summary>Reads a path of the API server: its silence is what is asked for, and not a question that could not be put.</summary>
internal sealed class ApiQuestion(KubernetesClient client, ApiProbe target) : IProbe
{
    public string Summary => $"GET {target.Path} of the API server{(target.ExpectStatus is { } status ? $", answered {status}" : "")}";

    public IReadOnlyList<AccessNeed> Needs => [];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.GetTextAsync(target.Path, retries: false, cancellationToken);
            return target.ExpectStatus is null or (>= 200 and < 300)
                ? new ProbeReply(SampleOutcome.Success, null)
                : new ProbeReply(SampleOutcome.Failure, $"a good answer instead of HTTP {target.ExpectStatus}");
        }
        catch (ApiException e) when (e.Code == target.ExpectStatus)
        {
            return new ProbeReply(SampleOutcome.Success, null);
        }
        catch (ApiException e)
        {
            // Who may not ask learns nothing of the server's health.
            return new ProbeReply(e.IsForbidden || e.IsUnauthorized ? SampleOutcome.Unknown : SampleOutcome.Failure, $"HTTP {e.Code}: {e.Message}");
        }
        catch (ApiUnreachableException e)
        {
            return new ProbeReply(SampleOutcome.Failure, e.Message);
        }
    }
}
