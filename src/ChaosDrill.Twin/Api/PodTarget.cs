using ChaosDrill.Twin.Containers;
using ChaosDrill.Twin.Controllers;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The container that a request for a log or an exec means, and who looks after it.</summary>
internal sealed record PodTarget(StoredObject Pod, string ContainerName, PodWorker? Worker, Container? Container)
{
    /// <exception cref="ApiException">400: no such container, or several and none named; 404: no such pod; 500: the kubelet cannot be reached.</exception>
    public static PodTarget Of(ControlPlane plane, ApiPath path, ApiRequest request, string kubeletPath)
    {
        var pod = plane.Registry.Get(BuiltInTypes.Pods, path.Namespace!, path.Name!);
        var names = pod.Spec.Arr("containers").Objects().Select(c => c.Str("name")!).ToList();
        var asked = request.Param("container") is { Length: > 0 } named ? named
            : names.Count == 1 ? names[0]
            : throw Failure.BadRequest($"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', names)}]");
        if (!names.Contains(asked))
        {
            throw Failure.BadRequest($"container {asked} is not valid for pod {pod.Name}");
        }

        if (pod.Spec.Str("nodeName") is not { } node)
        {
            return new(pod, asked, null, null);
        }

        if (plane.Nodes.Find(node) is not { } kubelet)
        {
            throw Failure.Internal($"Get \"https://{node}:10250/{kubeletPath}/{pod.Namespace}/{pod.Name}/{asked}\": dial tcp: lookup {node}: no such host");
        }

        if (!kubelet.IsRunning)
        {
            var address = $"{kubelet.HostAddress}:10250";
            throw Failure.Internal($"Get \"https://{address}/{kubeletPath}/{pod.Namespace}/{pod.Name}/{asked}\": dial tcp {address}: connect: connection refused");
        }

        var worker = kubelet.Find(pod.Uid);
        return new(pod, asked, worker, worker?.Find(asked));
    }
}
