using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Twins;

/// <summary>Stops and starts programs of a twin's control plane, through what answers there while the API server is away.</summary>
internal static class TwinLever
{
    private const string Root = "/twin";

    /// <summary>Whether the cluster is a twin, in this process or another.</summary>
    public static async Task<bool> IsThereAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.SendJsonAsync(HttpMethod.Get, Root, null, cancellationToken);
            return answer.ValueKind == System.Text.Json.JsonValueKind.Object && answer.TryGetProperty("kind", out var kind) && kind.ValueEquals("Twin");
        }
        catch (ApiException)
        {
            // A real API server knows no such path.
            return false;
        }
    }

    /// <summary>Whether a program of the control plane runs.</summary>
    public static async Task<bool> RunsAsync(KubernetesClient client, string component, CancellationToken cancellationToken) =>
        (await client.SendJsonAsync(HttpMethod.Get, $"{Root}/components/{component}", null, cancellationToken)).GetProperty("state").ValueEquals("running");

    /// <summary>Stops or starts a program of the control plane; without effect when it is so already.</summary>
    public static Task SetAsync(KubernetesClient client, string component, bool running, CancellationToken cancellationToken) =>
        client.SendJsonAsync(HttpMethod.Put, $"{Root}/components/{component}", new JsonObject { ["state"] = running ? "running" : "stopped" }, cancellationToken);
}
