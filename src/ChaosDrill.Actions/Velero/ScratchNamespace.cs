using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>A throw-away namespace that a backup is restored into, closed before anything starts in it, and everything that belongs to it.</summary>
/// <param name="Name">The namespace.</param>
/// <param name="Home">The namespace of the Velero server.</param>
/// <param name="Restore">The Restore object, and the config map of its rules.</param>
internal sealed record ScratchNamespace(string Name, string Home, string Restore)
{
    public const string UndoKind = "velero-scratch";
    private const string Policy = "chaosdrill-deny-all";

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private static readonly Resource<JsonElement> Policies = Resources.Any("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", namespaced: true);

    private static readonly Resource<JsonElement> Volumes = Resources.Any("", "v1", "persistentvolumes", "PersistentVolume", namespaced: false);

    private static readonly Resource<JsonElement> Namespaces = Resources.Any("", "v1", "namespaces", "Namespace", namespaced: false);

    public string Payload => new JsonObject { ["namespace"] = Name, ["home"] = Home, ["restore"] = Restore }.ToJsonString();

    public static ScratchNamespace FromJson(string payload)
    {
        var json = JsonNode.Parse(payload)!;
        return new((string)json["namespace"]!, (string)json["home"]!, (string)json["restore"]!);
    }

    /// <summary>Makes the namespace, marked with its way back, and a policy that lets its pods reach each other and DNS, and nothing else.</summary>
    /// <param name="client">Writes.</param>
    /// <param name="original">The backed-up namespace, whose pod security labels are kept; null when the backup has none.</param>
    /// <param name="undo">The way back, written down before.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task MakeAsync(KubernetesClient client, JsonObject? original, UndoRecord undo, CancellationToken cancellationToken)
    {
        // No other label: policies of other namespaces select by them, and would let these pods in.
        var labels = new JsonObject { ["app.kubernetes.io/managed-by"] = "chaosdrill" };
        foreach (var (key, value) in original?["metadata"]?["labels"] as JsonObject ?? [])
        {
            if (key.StartsWith("pod-security.kubernetes.io/", StringComparison.Ordinal))
            {
                labels[key] = value?.DeepClone();
            }
        }

        await CreateAsync(client, Namespaces, null, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Name, ["labels"] = labels, ["annotations"] = new JsonObject { [UndoMark.Annotation] = UndoMark.Text([undo]) } },
        }, cancellationToken);
        await CreateAsync(client, Policies, Name, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Policy, ["namespace"] = Name },
            ["spec"] = JsonNode.Parse("""
                {
                  "podSelector": {}, "policyTypes": ["Ingress", "Egress"],
                  "ingress": [{ "from": [{ "podSelector": {} }] }],
                  "egress": [
                    { "to": [{ "podSelector": {} }] },
                    { "to": [{ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "kube-system" } } }],
                      "ports": [{ "protocol": "UDP", "port": 53 }, { "protocol": "TCP", "port": 53 }] }
                  ]
                }
                """),
        }, cancellationToken);
    }

    /// <summary>Whether the policy, and no other, is in place. Policies add up: any other could open what this one closes.</summary>
    public async Task<(bool Closed, string Evidence)> IsClosedAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        var policies = (await client.ListAsync(Policies, Name, null, cancellationToken)).Items.Select(i => JsonObject.Create(i)!).ToList();
        var own = policies.FirstOrDefault(p => (string?)p["metadata"]?["name"] == Policy);
        var others = policies.Where(p => p != own).Select(VeleroPreflight.NameOf).ToList();
        var selectsAll = own?["spec"]?["podSelector"] is JsonObject { Count: 0 } && own["spec"]?["policyTypes"] is JsonArray { Count: 2 };
        return !selectsAll ? (false, $"policy {Policy} is missing or was changed")
            : others.Count > 0 ? (false, $"other policies are there too: {string.Join(", ", others)}")
            : (true, $"{Policy} selects every pod and is the only policy; whether the cluster's network enforces policies cannot be seen from the API");
    }

    /// <summary>Deletes the restore, the namespace and what is left of its volumes, and waits until they are gone.</summary>
    /// <remarks>
    /// Not before the restore has ended: nothing stops a restore that runs, and Velero would wait for the deleted namespace
    /// to go and make it anew, open this time.
    /// </remarks>
    /// <returns>What was done.</returns>
    /// <exception cref="ClusterException">Something does not go; says what, and what holds it.</exception>
    public async Task<string> RemoveAsync(KubernetesClient client, TimeSpan limit, CancellationToken cancellationToken)
    {
        var begin = client.Clock.GetTimestamp();
        while (await client.FindAsync(VeleroApi.Restores, Home, Restore, cancellationToken) is { ValueKind: JsonValueKind.Object } running && VeleroPhase.Of(JsonObject.Create(running)!) is var phase && !VeleroPhase.IsTerminal(phase))
        {
            if (client.Clock.GetElapsedTime(begin) > limit)
            {
                throw new ClusterException($"restore {Home}/{Restore} is still {phase}, and Velero cannot be stopped in the middle; namespace {Name} stays until it has ended: then run chaosdrill sweep");
            }

            await Task.Delay(Look, client.Clock, cancellationToken);
        }

        await DeleteAsync(client, Resources.Any("", "v1", "configmaps", "ConfigMap", namespaced: true), Home, Restore, cancellationToken);
        await DeleteAsync(client, VeleroApi.Restores, Home, Restore, cancellationToken);
        await DeleteAsync(client, Namespaces, null, Name, cancellationToken);
        while (true)
        {
            var home = await client.FindAsync(Namespaces, null, Name, cancellationToken);
            var restore = await client.FindAsync(VeleroApi.Restores, Home, Restore, cancellationToken);
            var volumes = (await client.ListAsync(Volumes, null, null, cancellationToken)).Items.Select(i => JsonObject.Create(i)!)
                .Where(v => (string?)v["spec"]?["claimRef"]?["namespace"] == Name).ToList();
            if (home.ValueKind != JsonValueKind.Object)
            {
                // A volume that is retained outlives its claim; nobody else will ever want this one.
                foreach (var volume in volumes.Where(v => v["metadata"]?["deletionTimestamp"] is null))
                {
                    await DeleteAsync(client, Volumes, null, VeleroPreflight.NameOf(volume), cancellationToken);
                }
            }

            if (home.ValueKind != JsonValueKind.Object && restore.ValueKind != JsonValueKind.Object && volumes.Count == 0)
            {
                return $"namespace {Name} and restore {Home}/{Restore} are gone, and no volume is left";
            }

            if (client.Clock.GetElapsedTime(begin) > limit)
            {
                throw new ClusterException(Held(home, restore, volumes));
            }

            await Task.Delay(Look, client.Clock, cancellationToken);
        }
    }

    /// <summary>Goes the way back from an earlier run.</summary>
    public static Task<string> UndoAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        FromJson(undo.Payload).RemoveAsync(client, TimeSpan.FromSeconds(50), cancellationToken);

    private string Held(JsonElement home, JsonElement restore, List<JsonObject> volumes)
    {
        var held = new List<string>();
        if (home.ValueKind == JsonValueKind.Object)
        {
            held.Add($"namespace {Name} is still there: {NamespaceHold.Of(JsonObject.Create(home)!)}");
        }

        if (restore.ValueKind == JsonValueKind.Object)
        {
            held.Add($"restore {Home}/{Restore} hangs in deletion: Velero removes its files first, so its server must run and its location be available");
        }

        held.AddRange(volumes.Select(v => $"volume {VeleroPreflight.NameOf(v)} is still there"));
        return string.Join("; ", held);
    }

    /// <summary>Creates an object from JSON.</summary>
    internal static async Task CreateAsync(KubernetesClient client, Resource<JsonElement> resource, string? ns, JsonObject item, CancellationToken cancellationToken)
    {
        item["apiVersion"] = resource.ApiVersion;
        item["kind"] = resource.Kind;
        using var document = JsonDocument.Parse(item.ToJsonString());
        await client.CreateAsync(resource, ns, document.RootElement.Clone(), null, cancellationToken);
    }

    private static async Task DeleteAsync(KubernetesClient client, Resource<JsonElement> resource, string? ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync(resource, ns, name, null, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or going.
        }
    }
}
