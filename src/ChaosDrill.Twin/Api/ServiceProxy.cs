using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Network;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The data plane, as seen through the API server's proxy: a service answers as one of its ready endpoints would.</summary>
/// <remarks>The control plane is no pod: network policies do not hold its requests back.</remarks>
internal sealed class ServiceProxy(ControlPlane plane)
{
    /// <summary>Which pod answers, or what goes wrong, was decided; how long the answer takes is still to come.</summary>
    internal sealed record Reply(ApiResponse Response, TimeSpan Latency);

    public ApiPath? Match(ApiRequest request)
    {
        if (!request.Path.StartsWith("/api/v1/namespaces/", StringComparison.Ordinal) || !request.Path.Contains("/proxy", StringComparison.Ordinal))
        {
            return null;
        }

        var path = ApiPath.Parse(plane.Catalog, request.Path);
        return path is { Subresource: "proxy" } && (path.Type == BuiltInTypes.Services || path.Type == BuiltInTypes.Pods) ? path : null;
    }

    public async ValueTask<ApiResponse> ForwardAsync(ApiPath path, ApiRequest request, CancellationToken cancel)
    {
        var reply = plane.Loop.Run(() => path.Type == BuiltInTypes.Services ? ThroughService(path, request) : ToPod(path, request));
        if (reply.Latency > TimeSpan.Zero)
        {
            await Task.Delay(reply.Latency, plane.Options.Clock, cancel);
        }

        return reply.Response;
    }

    private Reply ThroughService(ApiPath path, ApiRequest request)
    {
        var (name, port) = SplitName(path.Name!);
        var service = plane.Registry.Get(BuiltInTypes.Services, path.Namespace!, name);
        var ports = service.Spec.Arr("ports").Objects().ToList();
        var wanted = port.Length == 0 ? (ports.Count == 1 ? ports[0] : null)
            : ports.Find(p => p.Str("name") == port || p.Int("port")?.ToString() == port);
        if (wanted is null)
        {
            throw Failure.Unavailable($"no service port \"{port}\" found for service \"{name}\"");
        }

        var endpoints = plane.Network.Endpoints(service, wanted.Str("name") ?? "");
        if (endpoints.Count == 0)
        {
            throw Failure.Unavailable($"no endpoints available for service \"{name}\"");
        }

        var (chosen, pod) = plane.Network.Choose(endpoints, path.Namespace!);
        return pod is null ? throw Refused(chosen.Address, chosen.Port) : FromPod(pod, chosen.Port, path, request);
    }

    private Reply ToPod(ApiPath path, ApiRequest request)
    {
        var (name, port) = SplitName(path.Name!);
        var pod = plane.Registry.Get(BuiltInTypes.Pods, path.Namespace!, name);
        if (pod.Status.Str("podIP") is null)
        {
            throw Failure.BadRequest("address not allowed");
        }

        var first = pod.Spec.Arr("containers").Objects().SelectMany(c => c.Arr("ports").Objects()).FirstOrDefault().Int("containerPort") ?? 80;
        return FromPod(pod, long.TryParse(port, out var number) ? number : first, path, request);
    }

    private static Reply FromPod(StoredObject pod, long port, ApiPath path, ApiRequest request) => DataPlane.Ask(pod, request.Method, path.Rest) is { } answer
        ? new Reply(ApiResponse.Json(answer.Body, answer.Status), answer.Latency)
        : throw Refused(pod.Status.Str("podIP") ?? "0.0.0.0", port);

    private static ApiException Refused(string address, long port) =>
        Failure.Unavailable($"error trying to reach service: dial tcp {address}:{port}: connect: connection refused");

    /// <summary>From <c>[scheme:]name[:port]</c>.</summary>
    private static (string Name, string Port) SplitName(string text)
    {
        var parts = text.Split(':');
        return parts.Length switch
        {
            1 => (parts[0], ""),
            2 when parts[0] is "http" or "https" => (parts[1], ""),
            2 => (parts[0], parts[1]),
            3 => (parts[1], parts[2]),
            _ => throw Failure.BadRequest($"invalid service request \"{text}\""),
        };
    }
}
