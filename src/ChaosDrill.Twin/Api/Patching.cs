using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api.Schemas;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The four kinds of PATCH.</summary>
internal sealed class Patching(ControlPlane plane)
{
    private const string Accepted = "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor";

    public FieldOwnership Ownership { get; } = new(plane);

    public (StoredObject Object, bool Created) Patch(ApiPath path, ApiRequest request, bool dryRun)
    {
        var media = request.ContentType.Split(';')[0].Trim();
        if (media == "application/apply-patch+yaml")
        {
            return Apply(path, request, dryRun);
        }

        var current = plane.Registry.Get(path.Type, path.Namespace ?? "", path.Name!);
        var patched = Merge(current.Json, media, request.Body);
        CheckIdentity(current, patched);
        if (request.Param("fieldValidation") is "Strict" && TypeSchemas.Unknown(path.Type, patched) is { Count: > 0 } unknown)
        {
            throw Failure.BadRequest($"strict decoding error: {string.Join(", ", unknown)}");
        }

        if (path.Subresource is null)
        {
            Ownership.RecordUpdate(current, patched, request.FieldManager);
        }

        // A patch without a version of its own is applied to whatever is there now.
        return (plane.Registry.Update(current, patched, path.Subresource, dryRun), false);
    }

    /// <summary>Applies a patch of any of the three merging kinds to an object that is not stored as such (a Scale).</summary>
    public static JsonObject Merge(JsonObject target, string media, ReadOnlyMemory<byte> body)
    {
        switch (media)
        {
            case "application/json-patch+json":
                return JsonPatch.Apply(target, Parse(body) as JsonArray ?? throw Failure.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"));
            case "application/merge-patch+json":
                return MergePatch.Apply(target, ParseObject(body));
            case "application/strategic-merge-patch+json":
                return StrategicMergePatch.Apply(target, ParseObject(body));
            default:
                throw Failure.MediaType(Accepted);
        }
    }

    private (StoredObject Object, bool Created) Apply(ApiPath path, ApiRequest request, bool dryRun)
    {
        if (request.Param("fieldManager") is not { Length: > 0 } manager)
        {
            throw Failure.Of(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
                new JsonObject
                {
                    ["group"] = "meta.k8s.io",
                    ["kind"] = "PatchOptions",
                    ["causes"] = new JsonArray(new JsonObject { ["reason"] = "FieldValueRequired", ["message"] = "Required value: is required for apply patch", ["field"] = "fieldManager" }),
                });
        }

        var applied = YamlText.ToJson(Encoding.UTF8.GetString(request.Body.Span)) as JsonObject ?? throw Failure.BadRequest("the body of the request is not an object");
        if (applied.Str("kind") != path.Type.Kind || applied.Str("apiVersion") != path.Type.ApiVersion)
        {
            throw Failure.BadRequest($"Object 'Kind' or 'apiVersion' of the applied configuration does not match {path.Type.ApiVersion} {path.Type.Kind}");
        }

        if (applied.Obj("metadata").Arr("managedFields") is { Count: > 0 })
        {
            throw Failure.BadRequest("metadata.managedFields must be nil");
        }

        if (request.Param("fieldValidation") is "Strict" && TypeSchemas.Unknown(path.Type, applied) is { Count: > 0 } unknown)
        {
            throw Failure.BadRequest($"strict decoding error: {string.Join(", ", unknown)}");
        }

        applied.Meta()["name"] = path.Name;
        var current = plane.Store.Find(path.Type, path.Namespace ?? "", path.Name!);
        if (current is null)
        {
            Ownership.RecordApply(path.Type, applied, applied.Copy(), manager);
            return (plane.Registry.Create(path.Type, path.Namespace ?? "", applied, dryRun), true);
        }

        var merged = Ownership.Apply(current, applied, manager, request.Flag("force"));
        merged.Meta().Remove("resourceVersion");
        return (plane.Registry.Update(current, merged, path.Subresource, dryRun), false);
    }

    private static void CheckIdentity(StoredObject current, JsonObject patched)
    {
        if (patched.Obj("metadata").Str("name") != current.Name)
        {
            throw Failure.BadRequest($"the name of the object ({patched.Obj("metadata").Str("name")}) does not match the name on the URL ({current.Name})");
        }
    }

    private static JsonObject ParseObject(ReadOnlyMemory<byte> body) => Parse(body) as JsonObject ?? throw Failure.BadRequest("error decoding patch: a patch must be an object");

    private static JsonNode? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return BodyReader.Parse(body.Span);
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException)
        {
            throw Failure.BadRequest($"error decoding patch: {wrong.Message}");
        }
    }
}
