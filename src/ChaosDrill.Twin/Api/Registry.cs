using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The rules between a request and the store: names, defaults, validation, generations, finalizers.</summary>
internal sealed class Registry(ControlPlane plane)
{
    private readonly Deletion deletion = new(plane);
    private readonly Admission admission = new(plane);
    private readonly Quotas quotas = new(plane);

    private ObjectStore Store => plane.Store;

    public StoredObject Get(ResourceType type, string ns, string name) => Store.Find(type, ns, name) ?? throw Failure.NotFound(type, name);

    /// <summary>Stores a new object; what the caller passes is used up.</summary>
    public StoredObject Create(ResourceType type, string ns, JsonObject json, bool dryRun = false)
    {
        var metadata = json.Meta();
        if (metadata.Str("resourceVersion") is { Length: > 0 })
        {
            throw Failure.BadRequest("resourceVersion should not be set on objects to be created");
        }

        CheckNamespace(type, ns, metadata);
        if (metadata.Str("name") is not { Length: > 0 } && metadata.Str("generateName") is { Length: > 0 } prefix)
        {
            string name;
            do
            {
                name = prefix + plane.Seed.Suffix();
            }
            while (Store.Find(type, ns, name) is not null);

            metadata["name"] = name;
        }

        json = Arrange(type, json);
        metadata = json.Meta();
        foreach (var own in (string[])["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
        {
            metadata.Remove(own);
        }

        metadata["uid"] = plane.Seed.Uid();
        if (type.CountsGenerations)
        {
            metadata["generation"] = 1L;
        }

        metadata["creationTimestamp"] = plane.NowText;
        if (type.Has("status"))
        {
            json.Remove("status");
        }

        Defaults.Apply(type, json);
        admission.Admit(type, json);
        var errors = Validation.Of(type, json);
        if (errors.Count > 0)
        {
            throw Failure.Invalid(type, metadata.Str("name") ?? "", errors);
        }

        if (Store.Find(type, ns, metadata.Str("name")!) is not null)
        {
            throw Failure.AlreadyExists(type, metadata.Str("name")!);
        }

        if (type.Namespaced)
        {
            quotas.Admit(type, json, dryRun);
        }

        return dryRun ? new StoredObject(type, json, 0) : Store.Add(type, json);
    }

    /// <summary>Replaces an object as a client asks: checks its version, keeps what clients may not change. The subresource
    /// is null for the object itself and <c>status</c> for only that.</summary>
    public StoredObject Update(StoredObject current, JsonObject json, string? subresource = null, bool dryRun = false)
    {
        var type = current.Type;
        var metadata = json.Meta();
        if (metadata.Str("resourceVersion") is { Length: > 0 } version && version != current.Metadata.Str("resourceVersion"))
        {
            throw Failure.Modified(type, current.Name);
        }

        if (metadata.Str("uid") is { Length: > 0 } uid && uid != current.Uid)
        {
            throw Failure.Of(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedPlural} \"{current.Name}\": " +
                $"StorageError: invalid object, Code: 4, Key: /registry/{type.Plural}/{current.Namespace}/{current.Name}, ResourceVersion: 0, AdditionalErrorMsg: " +
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}",
                new JsonObject { ["name"] = current.Name, ["group"] = type.Group, ["kind"] = type.Plural });
        }

        json = Arrange(type, json);
        if (subresource is "status" or "finalize")
        {
            var whole = current.Json.Copy();
            var part = subresource == "status" ? "status" : "spec";
            whole[part] = json[part]?.DeepClone();
            whole.Meta()["managedFields"] = json.Meta()["managedFields"]?.DeepClone();
            if (whole.Meta()["managedFields"] is null)
            {
                whole.Meta().Remove("managedFields");
            }

            if (type == BuiltInTypes.Nodes || type == BuiltInTypes.Pods)
            {
                CopyField(json.Meta(), whole.Meta(), "annotations");
                CopyField(json.Meta(), whole.Meta(), "labels");
            }

            json = whole;
        }
        else
        {
            if (type.Has("status"))
            {
                CopyField(current.Json, json, "status");
            }

            if (type == BuiltInTypes.Namespaces)
            {
                CopyField(current.Json, json, "spec");
            }
        }

        metadata = json.Meta();
        foreach (var own in (string[])["name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            CopyField(current.Metadata, metadata, own);
        }

        Defaults.Apply(type, json);
        Defaults.Keep(current, json);
        var errors = Validation.OfUpdate(type, current.Json, json);
        if (errors.Count > 0)
        {
            throw Failure.Invalid(type, current.Name, errors);
        }

        // The annotations of a deployment are copied to its replica sets, so a client's change of them is a change to act on.
        var touched = type == BuiltInTypes.Deployments && subresource is null && !JsonNode.DeepEquals(current.Metadata["annotations"], json.Meta()["annotations"]);
        json = Count(current, json, touched);
        return dryRun ? new StoredObject(type, json, current.Version) : Commit(current, json, counted: false);
    }

    /// <summary>Changes an object as a controller does: no validation, no version to check.</summary>
    public StoredObject Change(StoredObject current, Action<JsonObject> change)
    {
        var json = current.Json.Copy();
        change(json);

        // What controllers change of a pod (its node, its status) is not a new wish of its author.
        return Commit(current, json, counted: current.Type != BuiltInTypes.Pods);
    }

    public Deletion.Result Delete(StoredObject current, JsonObject? options, bool dryRun = false) => deletion.Delete(current, options ?? [], dryRun);

    private StoredObject Commit(StoredObject current, JsonObject json, bool counted = true)
    {
        json = counted ? Count(current, json) : json;
        if (JsonNode.DeepEquals(json, current.Json))
        {
            return current;
        }

        var stored = Store.Replace(current, json);
        return Deletion.IsFinished(stored) ? Store.Remove(stored) : stored;
    }

    /// <summary>Counts the generation up when more than metadata and status changed.</summary>
    private static JsonObject Count(StoredObject current, JsonObject json, bool touched = false)
    {
        if (current.Type.CountsGenerations)
        {
            var custom = current.Type.Custom;
            var changed = touched || json.Any(field => !Outside(field.Key, custom) && !JsonNode.DeepEquals(field.Value, current.Json[field.Key])) ||
                current.Json.Any(field => !Outside(field.Key, custom) && !json.ContainsKey(field.Key));
            if (changed)
            {
                json.Meta()["generation"] = (current.Metadata.Int("generation") ?? 0) + 1;
            }
        }

        return json;

        static bool Outside(string field, bool custom) => field is "metadata" or "kind" or "apiVersion" || (field == "status" && !custom);
    }

    private void CheckNamespace(ResourceType type, string ns, JsonObject metadata)
    {
        if (!type.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }

        metadata["namespace"] = ns;
        var home = Store.Find(BuiltInTypes.Namespaces, "", ns) ?? throw Failure.NotFound(BuiltInTypes.Namespaces, ns);
        if (home.IsDeleting)
        {
            throw Failure.NamespaceTerminating(type, metadata.Str("name") ?? "", ns);
        }
    }

    /// <summary>Fields in the order in which the server writes them; lists rely on kind and apiVersion being first.</summary>
    private static JsonObject Arrange(ResourceType type, JsonObject json)
    {
        var arranged = new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion };
        var metadata = new JsonObject();
        var given = json.Meta();
        foreach (var first in (string[])["name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations"])
        {
            CopyField(given, metadata, first);
        }

        foreach (var (key, value) in given)
        {
            if (!metadata.ContainsKey(key) && !IsEmpty(value))
            {
                metadata[key] = value!.DeepClone();
            }
        }

        arranged["metadata"] = metadata;
        foreach (var (key, value) in json)
        {
            if (key is not ("kind" or "apiVersion" or "metadata") && value is not null)
            {
                arranged[key] = Prune(value);
            }
        }

        return arranged;
    }

    /// <summary>A copy without explicit nulls and empty maps of a template's metadata, which mean absent.</summary>
    private static JsonNode Prune(JsonNode node)
    {
        if (node is JsonObject json)
        {
            var copy = new JsonObject();
            foreach (var (key, value) in json)
            {
                // Times that are null are written as null by the server itself; not so, since 1.34, a template's creation, which kubectl still sends.
                if ((value is not null || key is "lastProbeTime" or "eventTime" or "firstTimestamp" or "lastTimestamp") && !(key is "labels" or "annotations" && value is JsonObject { Count: 0 }))
                {
                    copy[key] = value is null ? null : Prune(value);
                }
            }

            return copy;
        }

        return node is JsonArray array ? JsonReading.ToArray(array.Select(item => item is null ? null : Prune(item))) : node.DeepClone();
    }

    private static bool IsEmpty(JsonNode? value) => value is null or JsonArray { Count: 0 } or JsonObject { Count: 0 };

    private static void CopyField(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value && !(field is "labels" or "annotations" && IsEmpty(value)))
        {
            to[field] = value.DeepClone();
        }
        else
        {
            to.Remove(field);
        }
    }
}
