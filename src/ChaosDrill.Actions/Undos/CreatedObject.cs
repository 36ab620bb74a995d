using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>
/// An object that a drill adds to the cluster: created with the mark on it, and deleted by undo as long as it is as the
/// drill made it.
/// </summary>
/// <param name="Resource">Its kind.</param>
/// <param name="Namespace">Where; null for cluster-wide kinds.</param>
/// <param name="Name">Its name.</param>
/// <param name="Content">What must be as it was made for undo to delete it; empty for secrets, which must not reach a journal.</param>
internal sealed record CreatedObject(Resource<JsonElement> Resource, string? Namespace, string Name, JsonObject Content)
{
    public const string UndoKind = "createdObject";

    /// <summary>Under this the content of a pod has its containers' images, by name; no object has such a member.</summary>
    private const string Images = "images by container";

    private static readonly string[] NotContent = ["apiVersion", "kind", "metadata", "status"];

    /// <summary>The object that a manifest describes.</summary>
    public static CreatedObject Of(Resource<JsonElement> resource, string? ns, JsonObject manifest) => new(
        resource, ns, (string)manifest["metadata"]!["name"]!,
        resource switch
        {
            { Group: "", Kind: "Secret" } => [],
            { Group: "", Kind: "Pod" } => PodContent(manifest),
            _ => new JsonObject(manifest.Where(m => !NotContent.Contains(m.Key)).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))),
        });

    public static CreatedObject FromJson(JsonObject json)
    {
        var place = Place.FromJson(json["object"]!.AsObject());
        return new CreatedObject(place.Resource, place.Namespace, place.Name, json["content"]!.AsObject());
    }

    /// <summary>All that undo needs, as JSON.</summary>
    public string Payload => new JsonObject { ["object"] = new Place(Resource, Namespace, Name, "").ToJson(), ["content"] = Content.DeepClone() }.ToJsonString();

    /// <summary>Creates the object, marked.</summary>
    /// <exception cref="ClusterException">It is there already.</exception>
    public async Task MakeAsync(KubernetesClient client, JsonObject manifest, UndoRecord undo, CancellationToken cancellationToken)
    {
        var whole = manifest.DeepClone().AsObject();
        var metadata = whole["metadata"]!.AsObject();
        metadata["annotations"] ??= new JsonObject();
        metadata["annotations"]![UndoMark.Annotation] = UndoMark.Text([undo]);
        using var document = JsonDocument.Parse(whole.ToJsonString());
        try
        {
            await client.CreateAsync(Resource, Namespace, document.RootElement.Clone(), null, cancellationToken);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            throw new ClusterException($"{new Place(Resource, Namespace, Name, "")} was created by somebody at the same moment", e);
        }
    }

    /// <summary>Deletes the object.</summary>
    /// <exception cref="UndoRefusedException">Somebody else has changed it meanwhile; theirs stays, the mark is removed.</exception>
    public static async Task<string> PutBackAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var made = FromJson(JsonNode.Parse(undo.Payload)!.AsObject());
        var found = await client.FindAsync(made.Resource, made.Namespace, made.Name, cancellationToken);
        if (found.ValueKind != JsonValueKind.Object || JsonObject.Create(found)! is var there && !UndoMark.Of(there).Any(u => UndoMark.IsSame(u, undo)))
        {
            return $"{new Place(made.Resource, made.Namespace, made.Name, "")} of the drill is not there: nothing to put back";
        }

        var place = new Place(made.Resource, made.Namespace, made.Name, (string)there["metadata"]!["uid"]!);
        if (!IsAsMade(there, made.Content))
        {
            await MarkedChange.UnmarkAsync(client, place, undo, cancellationToken);
            throw new UndoRefusedException($"{undo.Description}: somebody has changed {place} meanwhile; left as it is");
        }

        try
        {
            await client.DeleteAsync(
                place.Resource, place.Namespace, place.Name,
                new DeleteOptions { PreconditionUid = place.Uid, PropagationPolicy = PropagationPolicy.Background }, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Somebody else tidied up.
        }

        return $"{place} is deleted";
    }

    /// <summary>What of a pod others can change: the images, and the rest that is no list. In its lists servers put more than was asked for.</summary>
    private static JsonObject PodContent(JsonObject manifest)
    {
        var spec = manifest["spec"] as JsonObject ?? [];
        return new JsonObject
        {
            ["spec"] = new JsonObject(spec.Where(m => m.Value is JsonValue).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))),
            [Images] = new JsonObject(ContainerImages.Of(spec).Select(i => KeyValuePair.Create(i.Key, (JsonNode?)i.Value))),
        };
    }

    private static bool IsAsMade(JsonObject there, JsonObject content)
    {
        var rest = new JsonObject(content.Where(m => m.Key != Images).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        return Contains(there, rest)
            && (content[Images] is not JsonObject images || ContainerImages.Of(there["spec"]) is var now && images.All(i => now.GetValueOrDefault(i.Key) == (string?)i.Value));
    }

    /// <summary>Whether an object has everything that another asks for; a server adds what it defaults.</summary>
    public static bool Contains(JsonNode? whole, JsonNode? part) => (whole, part) switch
    {
        (JsonObject all, JsonObject asked) => asked.All(m => Contains(all[m.Key], m.Value)),
        (JsonArray all, JsonArray asked) => all.Count == asked.Count && all.Zip(asked).All(p => Contains(p.First, p.Second)),
        _ => JsonNode.DeepEquals(whole, part),
    };
}
