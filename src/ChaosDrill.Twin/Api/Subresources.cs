using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Scale, eviction, binding, logs and tokens.</summary>
internal sealed class Subresources(ControlPlane plane, Watching watching)
{
    private readonly Evictions evictions = new(plane);
    private readonly Logs logs = new(plane, watching);

    public ApiResponse Answer(ApiPath path, ApiRequest request, bool dryRun) => (path.Subresource, request.Method) switch
    {
        ("scale", "GET") => ApiResponse.Json(Scale(Get(path))),
        ("scale", "PUT") => ApiResponse.Json(SetScale(Get(path), BodyReader.Read("Scale", request), dryRun)),
        ("scale", "PATCH") => ApiResponse.Json(PatchScale(Get(path), request, dryRun)),
        ("eviction", "POST") => evictions.Evict(path, request, dryRun),
        ("binding", "POST") => Bind(path, request),
        ("log", "GET") => logs.Read(path, request),
        ("token", "POST") => ApiResponse.Json(plane.Tokens.Issue(Get(path), BodyReader.Read("TokenRequest", request)), 201),
        _ => throw Failure.MethodNotAllowed(),
    };

    private StoredObject Get(ApiPath path) => plane.Registry.Get(path.Type, path.Namespace ?? "", path.Name!);

    private static JsonObject Scale(StoredObject stored)
    {
        var spec = new JsonObject();
        spec.SetCount("replicas", stored.Spec.Int("replicas") ?? 0);
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = stored.Name,
                ["namespace"] = stored.Namespace,
                ["uid"] = stored.Uid,
                ["resourceVersion"] = stored.Metadata.Str("resourceVersion"),
                ["creationTimestamp"] = stored.Metadata.Str("creationTimestamp"),
            },
            ["spec"] = spec,
            ["status"] = new JsonObject { ["replicas"] = stored.Status.Int("replicas") ?? 0, ["selector"] = Tables.WorkloadRows.Selector(stored.Spec.Obj("selector")) },
        };
    }

    private JsonObject PatchScale(StoredObject stored, ApiRequest request, bool dryRun)
    {
        var scale = Scale(stored);
        scale.Child("spec").Default("replicas", 0L);
        return SetScale(stored, Patching.Merge(scale, request.ContentType.Split(';')[0].Trim(), request.Body), dryRun);
    }

    private JsonObject SetScale(StoredObject stored, JsonObject scale, bool dryRun)
    {
        var replicas = scale.Obj("spec").Int("replicas") ?? 0;
        if (replicas < 0)
        {
            throw Failure.Invalid(stored.Type, stored.Name, [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
        }

        if (scale.Obj("metadata").Str("resourceVersion") is { Length: > 0 } version && version != stored.Metadata.Str("resourceVersion"))
        {
            throw Failure.Modified(stored.Type, stored.Name);
        }

        var json = stored.Json.Copy();
        json.Child("spec")["replicas"] = replicas;
        return Scale(plane.Registry.Update(stored, json, null, dryRun));
    }

    private ApiResponse Bind(ApiPath path, ApiRequest request)
    {
        var node = BodyReader.Read("Binding", request).Obj("target").Str("name") ?? "";
        var pod = Get(path);
        if (pod.Spec.Str("nodeName") is { Length: > 0 } bound)
        {
            throw Failure.Of(409, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{pod.Name}\": pod {pod.Name} is already assigned to node \"{bound}\"",
                new JsonObject { ["name"] = pod.Name, ["kind"] = "pods/binding" });
        }

        Bind(plane, pod, node);
        return ApiResponse.Json(new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201L }, 201);
    }

    /// <summary>Puts a pod on a node: node name, the node's zone as a label, PodScheduled.</summary>
    public static StoredObject Bind(ControlPlane plane, StoredObject pod, string node) => plane.Registry.Change(pod, json =>
    {
        json.Child("spec")["nodeName"] = node;
        json.Child("status").Remove("nominatedNodeName");
        if (plane.Store.Find(BuiltInTypes.Nodes, "", node)?.Labels.Str("topology.kubernetes.io/zone") is { } zone)
        {
            json.Meta().Child("labels").Default("topology.kubernetes.io/zone", zone);
        }

        PodConditions.Set(json, "PodScheduled", "True", plane.NowText);
    });
}
