using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The data plane, as seen through the API server's proxy: a service answers as one of its ready endpoints would.</summary>
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

        var candidates = new List<(string Address, long Port, JsonObject Target)>();
        foreach (var slice in plane.Store.OwnedBy(service.Uid, BuiltInTypes.EndpointSlices))
        {
            if (slice.Json.Arr("ports").Objects().FirstOrDefault(p => (p.Str("name") ?? "") == (wanted.Str("name") ?? "")).Int("port") is not { } target)
            {
                continue;
            }

            candidates.AddRange(slice.Json.Arr("endpoints").Objects().Where(e => e.Obj("conditions").Bool("ready") == true)
                .Select(e => (e.Arr("addresses").Strings().First(), target, e.Obj("targetRef")!)));
        }

        if (candidates.Count == 0)
        {
            throw Failure.Unavailable($"no endpoints available for service \"{name}\"");
        }

        var chosen = candidates[plane.Seed.Choose(candidates.Count)];
        var pod = plane.Store.Find(BuiltInTypes.Pods, path.Namespace!, chosen.Target.Str("name")!);
        return pod is null || pod.Uid != chosen.Target.Str("uid") ? throw Refused(chosen.Address, chosen.Port) : FromPod(pod, chosen.Port, path, request);
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

    private static Reply FromPod(StoredObject pod, long port, ApiPath path, ApiRequest request)
    {
        var running = pod.Status.Arr("containerStatuses").Objects().Any(c => c.Obj("state").Obj("running") is not null);
        if (!running)
        {
            throw Refused(pod.Status.Str("podIP") ?? "0.0.0.0", port);
        }

        var annotations = pod.Metadata.Obj("annotations");
        var status = int.TryParse(annotations.Str(TwinAnnotations.HttpStatus), out var code) && code is >= 200 and <= 599 ? code : 200;
        var latency = GoDuration.TryParse(annotations.Str(TwinAnnotations.HttpLatency), out var given) ? given : TimeSpan.Zero;
        var body = new JsonObject
        {
            ["pod"] = pod.Name,
            ["node"] = pod.Spec.Str("nodeName"),
            ["method"] = request.Method,
            ["path"] = path.Rest.Length == 0 ? "/" : path.Rest,
        };
        return new Reply(ApiResponse.Json(body, status), latency);
    }

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
