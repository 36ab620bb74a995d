using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.DeleteObjects;

/// <summary>
/// A deleted object, kept in the cluster: in a config map, or, when it is a secret, in a secret, so that no secret ever
/// reaches a journal. The keeper bears the mark of the drill, since the object itself no longer can.
/// </summary>
internal sealed record SavedObject(Place Place)
{
    public const string UndoKind = "deleteObjects";

    private const string Key = "object.json";

    private static readonly string[] ServerSet = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"];

    private bool IsSecret => Place.Resource is { Group: "", Kind: "Secret" };

    private Resource<JsonElement> Keepers => IsSecret
        ? Resources.Any("", "v1", "secrets", "Secret", namespaced: true)
        : Resources.Any("", "v1", "configmaps", "ConfigMap", namespaced: true);

    /// <summary>Where it is kept: one place for each object, however often it is deleted.</summary>
    private string KeeperName => "chaosdrill-saved-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Place.Uid)))[..16];

    public static SavedObject FromUndo(UndoRecord undo) => new(Place.FromJson(JsonNode.Parse(undo.Payload)!["object"]!.AsObject()));

    public string Payload => new JsonObject { ["object"] = Place.ToJson() }.ToJsonString();

    /// <summary>Keeps the object as it is now.</summary>
    public async Task KeepAsync(KubernetesClient client, JsonObject found, UndoRecord undo, CancellationToken cancellationToken)
    {
        var whole = found.DeepClone().AsObject();
        whole.Remove("status");
        whole["apiVersion"] = Place.Resource.ApiVersion;
        whole["kind"] = Place.Resource.Kind;
        foreach (var field in ServerSet)
        {
            whole["metadata"]!.AsObject().Remove(field);
        }

        var keeper = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = Keepers.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = KeeperName,
                ["namespace"] = Place.Namespace,
                ["annotations"] = new JsonObject { [UndoMark.Annotation] = UndoMark.Text([undo]) },
            },
            [IsSecret ? "stringData" : "data"] = new JsonObject { [Key] = whole.ToJsonString() },
        };
        using var document = JsonDocument.Parse(keeper.ToJsonString());
        await client.CreateAsync(Keepers, Place.Namespace, document.RootElement.Clone(), null, cancellationToken);
    }

    /// <summary>Creates the object anew, and removes what was kept of it.</summary>
    /// <exception cref="UndoRefusedException">Somebody else has created a namesake meanwhile.</exception>
    public static async Task<string> PutBackAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var saved = FromUndo(undo);
        var place = saved.Place;
        var keeper = await client.FindAsync(saved.Keepers, place.Namespace, saved.KeeperName, cancellationToken);
        if (keeper.ValueKind != JsonValueKind.Object)
        {
            return $"{place}: nothing of it is kept, so nothing is to be put back";
        }

        var there = await place.FindAsync(client, cancellationToken);
        string done;
        if (there is null)
        {
            using var whole = JsonDocument.Parse(saved.Kept(JsonObject.Create(keeper)!));
            try
            {
                await client.CreateAsync(place.Resource, place.Namespace, whole.RootElement.Clone(), null, cancellationToken);
                done = $"{place} created anew as it was";
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                throw new ClusterException($"{place} was created at the same moment", e);
            }
        }
        else if ((string?)there["metadata"]?["uid"] == place.Uid && there["metadata"]?["deletionTimestamp"] is null)
        {
            done = $"{place} was never deleted";
        }
        else if (there["metadata"]?["deletionTimestamp"] is not null)
        {
            throw new ClusterException($"{place} is still being deleted; a finalizer may hold it");
        }
        else if (JsonNode.DeepEquals(Content(there), Content(JsonNode.Parse(saved.Kept(JsonObject.Create(keeper)!))!.AsObject())))
        {
            done = $"{place} is there again, as it was";
        }
        else
        {
            await saved.ForgetAsync(client, cancellationToken);
            throw new UndoRefusedException($"{undo.Description}: somebody has created another {place} meanwhile; left as it is");
        }

        await saved.ForgetAsync(client, cancellationToken);
        return done;
    }

    private string Kept(JsonObject keeper)
    {
        var text = (string?)keeper["data"]?[Key] ?? throw new UndoRefusedException($"{Place}: somebody has emptied what was kept of it in {Keepers.Kind} {Place.Namespace}/{KeeperName}");
        return IsSecret ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : text;
    }

    private static JsonObject Content(JsonObject item) =>
        new(item.Where(m => m.Key is not ("metadata" or "status" or "apiVersion" or "kind")).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));

    private async Task ForgetAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync(Keepers, Place.Namespace, KeeperName, null, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody else tidied up.
        }
    }
}
