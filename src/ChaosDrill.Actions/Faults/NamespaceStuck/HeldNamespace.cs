using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NamespaceStuck;

/// <summary>A namespace of the drill's own, held by a config map with a finalizer. The mark on the namespace says that it is the drill's.</summary>
/// <param name="Name">The namespace.</param>
internal sealed record HeldNamespace(string Name)
{
    public const string UndoKind = "namespaceStuck";

    private const string Holder = "chaosdrill-holder";

    private const string Finalizer = "chaosdrill.dev/held";

    /// <summary>How long all of undo may take.</summary>
    public static readonly TimeSpan UndoLimit = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly Resource<JsonElement> ConfigMaps = Resources.Any("", "v1", "configmaps", "ConfigMap", namespaced: true);

    public string Payload => new JsonObject { ["namespace"] = Name }.ToJsonString();

    public static IReadOnlyList<AccessNeed> Needs(string name) =>
    [
        new("create", "", "namespaces", null, "make a namespace of its own"),
        .. new[] { "get", "list", "watch", "delete" }.Select(verb => new AccessNeed(verb, "", "namespaces", null, "delete the namespace of its own, and see it held and gone", name)),

        // In every namespace: nothing can be granted in one that is not there yet.
        new("create", "", "configmaps", null, "hold the namespace by an object with a finalizer"),
        .. new[] { "get", "patch" }.Select(verb => new AccessNeed(verb, "", "configmaps", null, "take the finalizer off again", Holder)),
    ];

    /// <summary>What holds a namespace, in the namespace controller's words; null when no finalizer does.</summary>
    public static string? HoldOf(JsonObject ns) => (ns["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>()
        .Where(c => (string?)c["type"] == "NamespaceFinalizersRemaining" && (string?)c["status"] == "True").Select(c => (string?)c["message"] ?? "a finalizer remains").FirstOrDefault();

    /// <summary>Makes the namespace, marked in the same request, and what holds it.</summary>
    public async Task MakeAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var made = new CreatedObject(Place.Namespaces, null, Name, []);
        await made.MakeAsync(client, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Name } }, undo, cancellationToken);
        var holder = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = Holder, ["namespace"] = Name, ["finalizers"] = new JsonArray(Finalizer) },
        };
        using var document = JsonDocument.Parse(holder.ToJsonString());
        await client.CreateAsync(ConfigMaps, Name, document.RootElement.Clone(), null, cancellationToken);
    }

    /// <summary>Deletes the namespace if it bears the drill's mark.</summary>
    /// <returns>Whether there is one to go.</returns>
    public async Task<bool> DeleteAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        if (await FindAsync(client, undo, cancellationToken) is not { } found)
        {
            return false;
        }

        if (found["metadata"]!["deletionTimestamp"] is null)
        {
            await client.DeleteAsync(Place.Namespaces, null, Name, new DeleteOptions { PreconditionUid = (string)found["metadata"]!["uid"]! }, cancellationToken);
        }

        return true;
    }

    /// <summary>Takes the finalizer off and waits until the namespace is gone.</summary>
    /// <exception cref="ClusterException">It does not go; says what holds it.</exception>
    public static async Task<string> PutBackAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var held = new HeldNamespace((string)JsonNode.Parse(undo.Payload)!["namespace"]!);
        var begin = client.Clock.GetTimestamp();
        if (!await held.DeleteAsync(client, undo, cancellationToken))
        {
            return $"namespace {held.Name} of the drill is not there: nothing to put back";
        }

        await held.ReleaseAsync(client, cancellationToken);
        while (await held.FindAsync(client, undo, cancellationToken) is { } found)
        {
            if (client.Clock.GetElapsedTime(begin) > Limit)
            {
                throw new ClusterException($"namespace {held.Name} does not go: {HoldOf(found) ?? "the cluster gives no reason yet"}");
            }

            await Task.Delay(Look, client.Clock, cancellationToken);
        }

        return $"namespace {held.Name} is gone";
    }

    // Somebody may have let it go by hand: that is what the playbook says.
    private async Task ReleaseAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            if (await new Place(ConfigMaps, Name, Holder, "").FindAsync(client, cancellationToken) is { } holder && holder["metadata"]?["finalizers"] is not null)
            {
                await client.PatchAsync(ConfigMaps, Name, Holder, Patch.Json([JsonPatchOperation.Remove("/metadata/finalizers")]), null, cancellationToken);
            }
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == 422)
        {
            // Gone, or without a finalizer, a moment ago.
        }
    }

    private async Task<JsonObject?> FindAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        await new Place(Place.Namespaces, null, Name, "").FindAsync(client, cancellationToken) is { } found && UndoMark.Of(found).Any(u => UndoMark.IsSame(u, undo)) ? found : null;
}
