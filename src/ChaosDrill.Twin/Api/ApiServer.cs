using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api.Access;
using ChaosDrill.Twin.Api.Tables;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The front door: from a request to an answer. Both transports come here.</summary>
internal sealed class ApiServer
{
    private readonly ControlPlane plane;
    private readonly Listing listing;
    private readonly Discovery discovery;
    private readonly Patching patching;
    private readonly Subresources subresources;
    private readonly ServiceProxy proxy;
    private readonly Reviews reviews;
    private readonly Escalation escalation;
    private TaskCompletionSource? outageEnds;

    public ApiServer(ControlPlane plane)
    {
        this.plane = plane;
        listing = new Listing(plane);
        Watching = new Watching(plane);
        discovery = new Discovery(plane.Catalog);
        patching = new Patching(plane);
        subresources = new Subresources(plane, Watching);
        proxy = new ServiceProxy(plane);
        reviews = new Reviews(plane.Access);
        escalation = new Escalation(plane);
    }

    public Watching Watching { get; }

    /// <summary>What is under the API server, and answers without it.</summary>
    public Levers Levers { get; set; } = new(new Dictionary<string, Component>());

    /// <summary>Answers; completes at once unless the answer itself takes time (a proxied endpoint's latency, an outage).</summary>
    /// <exception cref="HttpRequestException">The API server refuses connections.</exception>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancel)
    {
        try
        {
            if (Levers.Concerns(request))
            {
                return plane.Loop.Run(() => Levers.Answer(request));
            }

            while (plane.Loop.Run(() => plane.Gate.Outage) is { } outage)
            {
                if (outage == ApiOutage.Refuse)
                {
                    throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused (the twin's API server is paused)");
                }

                await plane.Loop.Run(() => (outageEnds ??= new TaskCompletionSource()).Task).WaitAsync(cancel);
            }

            if (plane.Loop.Run(() => plane.Storage.Answer(request)) is { } file)
            {
                return file;
            }

            request = plane.Loop.Run(() => Authorize(request));
            if (proxy.Match(request) is { } call)
            {
                return await proxy.ForwardAsync(call, request, cancel);
            }

            return plane.Loop.Run(() => Answer(request));
        }
        catch (ApiException failure)
        {
            return ApiResponse.Failed(failure);
        }
        catch (EtcdLostException lost)
        {
            return ApiResponse.Failed(Failure.Of(500, "InternalError", lost.Message));
        }
    }

    /// <summary>Whose token it is; null for nobody's.</summary>
    public TwinUser? OwnerOf(string token) => plane.Loop.Run(() => plane.Tokens.Owner(token));

    public void Pause(ApiOutage outage)
    {
        plane.Gate.Close(outage);
        if (outage == ApiOutage.Refuse)
        {
            Watching.EndAll();
        }
        else
        {
            Watching.FreezeAll(true);
        }
    }

    public void Resume()
    {
        foreach (var action in plane.Gate.Open())
        {
            plane.Loop.Post(action);
        }

        Watching.FreezeAll(false);
        if (outageEnds is { } waiting)
        {
            outageEnds = null;
            plane.Loop.Complete(() => waiting.TrySetResult());
        }
    }

    /// <summary>Checks the sender's right; hands back the request as that of whom it is sent for.</summary>
    private ApiRequest Authorize(ApiRequest request)
    {
        if (request.Impersonation is { } wish)
        {
            request = request with { User = wish.Become(request.User, plane.Access) };
        }

        plane.Access.Demand(request.User, AccessAttributes.Of(request));
        return request;
    }

    private ApiResponse Answer(ApiRequest request)
    {
        if (discovery.Answer(request) is { } found)
        {
            return found;
        }

        if (ApiPath.Parse(plane.Catalog, request.Path) is not { } path)
        {
            // A resource that a known group lacks is answered by the group, anything else by the server's front.
            var known = request.Path.Split('/') switch
            {
                ["", "api", "v1", ..] => true,
                ["", "apis", var group, var version, ..] => plane.Catalog.HasGroupVersion(group, version),
                _ => false,
            };
            return known ? throw Failure.NoSuchPath() : ApiResponse.Text("404 page not found\n", 404);
        }

        if (path.Type.Virtual)
        {
            return request.Method == "POST" ? reviews.Answer(path, BodyReader.Object(path.Type, request), request.User) : throw Failure.MethodNotAllowed();
        }

        if (path.Subresource is not null)
        {
            return path.Type.Has(path.Subresource) ? Subresource(path, request) : throw Failure.NoSuchPath();
        }

        return path.Name is null ? Collection(path, request) : One(path, request);
    }

    private ApiResponse Collection(ApiPath path, ApiRequest request)
    {
        var filter = new WatchFilter(path.Namespace, LabelSelector.Parse(request.Param("labelSelector")), FieldSelector.Parse(path.Type, request.Param("fieldSelector")));
        switch (request.Method)
        {
            case "GET" when request.Flag("watch"):
                return Watching.Open(path.Type, filter, request);
            case "GET":
                return listing.List(path.Type, filter, request);
            case "POST" when !path.Type.Namespaced || path.Namespace is not null:
                return Create(path, request);
            case "DELETE" when (!path.Type.Namespaced || path.Namespace is not null) && path.Type.Verbs.Contains("deletecollection"):
                var options = BodyReader.Options(request);
                var items = listing.Select(path.Type, filter);
                foreach (var item in items)
                {
                    if (plane.Store.Find(item.Key) is { } current)
                    {
                        plane.Registry.Delete(current, options.Copy(), IsDryRun(request));
                    }
                }

                return Listing.Whole(path.Type, items, new JsonObject { ["resourceVersion"] = plane.Store.Version.ToString() });
            default:
                throw Failure.MethodNotAllowed();
        }
    }

    private ApiResponse Create(ApiPath path, ApiRequest request)
    {
        var json = BodyReader.Object(path.Type, request);
        var ns = json.Obj("metadata").Str("namespace");
        if (path.Type.Namespaced && ns is { Length: > 0 } && ns != path.Namespace)
        {
            throw Failure.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (Escalation.Concerns(path.Type))
        {
            AccessRules.Defaults(json);
            escalation.Check(request.User, null, path.Type, path.Namespace ?? "", json);
        }

        patching.Ownership.RecordCreate(path.Type, json, request.FieldManager);
        return Show(plane.Registry.Create(path.Type, path.Namespace ?? "", json, IsDryRun(request)), request, 201);
    }

    private ApiResponse One(ApiPath path, ApiRequest request)
    {
        switch (request.Method)
        {
            case "GET" when request.Flag("watch"):
                var only = new WatchFilter(path.Namespace, LabelSelector.Everything, FieldSelector.Parse(path.Type, $"metadata.name={path.Name}"));
                return Watching.Open(path.Type, only, request);
            case "GET":
                return Show(plane.Registry.Get(path.Type, path.Namespace ?? "", path.Name!), request);
            case "PUT":
                return Put(path, request);
            case "PATCH":
                if (request.ContentType.StartsWith("application/apply-patch", StringComparison.Ordinal) && plane.Store.Find(path.Type, path.Namespace ?? "", path.Name!) is null)
                {
                    // Applying creates what is not there, and that takes the right to create.
                    plane.Access.Demand(request.User, AccessAttributes.Of(request) with { Verb = "create" });
                }

                if (Escalation.Concerns(path.Type))
                {
                    escalation.Check(request.User, plane.Store.Find(path.Type, path.Namespace ?? "", path.Name!), path.Type, path.Namespace ?? "", patching.Patch(path, request, true).Object.Json);
                }

                var (patched, created) = patching.Patch(path, request, IsDryRun(request));
                return Show(patched, request, created ? 201 : 200);
            case "DELETE":
                return Delete(path, request);
            default:
                throw Failure.MethodNotAllowed();
        }
    }

    private ApiResponse Put(ApiPath path, ApiRequest request)
    {
        var json = BodyReader.Object(path.Type, request);
        var name = json.Obj("metadata").Str("name");
        if (name is { Length: > 0 } && name != path.Name)
        {
            throw Failure.BadRequest($"the name of the object ({name}) does not match the name on the URL ({path.Name})");
        }

        if (path.Namespace is not null && json.Obj("metadata").Str("namespace") is { Length: > 0 } ns && ns != path.Namespace)
        {
            throw Failure.BadRequest($"the namespace of the object ({ns}) does not match the namespace on the URL ({path.Namespace})");
        }

        json.Meta()["name"] = path.Name;
        var current = plane.Registry.Get(path.Type, path.Namespace ?? "", path.Name!);
        if (Escalation.Concerns(path.Type))
        {
            escalation.Check(request.User, current, path.Type, path.Namespace ?? "", json);
        }

        if (path.Subresource is null)
        {
            patching.Ownership.RecordUpdate(current, json, request.FieldManager);
        }

        return Show(plane.Registry.Update(current, json, path.Subresource, IsDryRun(request)), request);
    }

    private ApiResponse Delete(ApiPath path, ApiRequest request)
    {
        var options = BodyReader.Options(request);
        var current = plane.Registry.Get(path.Type, path.Namespace ?? "", path.Name!);
        var (stored, gone) = plane.Registry.Delete(current, options, IsDryRun(request) || options.Arr("dryRun") is { Count: > 0 });
        if (!gone || path.Type.AnswersDeletesWithObject)
        {
            return Show(stored, request);
        }

        var details = new JsonObject { ["name"] = current.Name };
        if (path.Type.Group.Length > 0)
        {
            details["group"] = path.Type.Group;
        }

        details["kind"] = path.Type.Plural;
        details["uid"] = current.Uid;
        return ApiResponse.Json(new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        });
    }

    private ApiResponse Subresource(ApiPath path, ApiRequest request) => (path.Subresource, request.Method) switch
    {
        ("status", "GET") => Show(plane.Registry.Get(path.Type, path.Namespace ?? "", path.Name!), request),
        ("status", "PUT") or ("finalize", "PUT") => Put(path, request),
        ("exec", "GET" or "POST") => Exec(path, request),
        ("status", "PATCH") => Show(patching.Patch(path, request, IsDryRun(request)).Object, request),
        _ => subresources.Answer(path, request, IsDryRun(request)),
    };

    private ApiResponse Exec(ApiPath path, ApiRequest request)
    {
        // Since 1.35 a right to get is not enough to run something, whatever method opens the connection.
        plane.Access.Demand(request.User, AccessAttributes.Of(request) with { Verb = "create" });
        return new ApiResponse { Exec = new ExecCall(plane, path, request, Watching) };
    }

    private ApiResponse Show(StoredObject stored, ApiRequest request, int status = 200)
    {
        switch (Accept.Parse(request.Accept))
        {
            case Representation.Table:
                var writer = new TableWriter(stored.Type, plane);
                return ApiResponse.Json(new JsonObject
                {
                    ["kind"] = "Table",
                    ["apiVersion"] = "meta.k8s.io/v1",
                    ["metadata"] = new JsonObject { ["resourceVersion"] = stored.Metadata.Str("resourceVersion") },
                    ["columnDefinitions"] = writer.Columns(),
                    ["rows"] = new JsonArray(writer.Row(stored, request.Param("includeObject") ?? "Metadata")),
                }, status);
            case Representation.Metadata or Representation.MetadataList:
                return ApiResponse.Json(ObjectFormat.PartialMetadata(stored), status);
            default:
                return ApiResponse.Of(stored, status);
        }
    }

    private static bool IsDryRun(ApiRequest request) => request.Param("dryRun") switch
    {
        null or "" => false,
        "All" => true,
        var other => throw Failure.Of(422, "Invalid", $"CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: \"{other}\": supported values: \"All\""),
    };
}
