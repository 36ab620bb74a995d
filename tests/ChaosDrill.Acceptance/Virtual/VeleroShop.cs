using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>A shop with all that a restore can get wrong, on a twin with Velero, and the drill that verifies a backup of it.</summary>
internal static class VeleroShop
{
    public const string Furniture = TwinDrill.Shop + """

        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: { name: orders, namespace: shop, annotations: { twin.chaosdrill.dev/volume-data: "orders=42" } }
        spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: storefront, namespace: shop }
        spec: { rules: [{ host: shop.example }] }
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: { name: open, namespace: shop }
        spec: { podSelector: {}, policyTypes: [Egress], egress: [{}] }
        ---
        apiVersion: batch/v1
        kind: CronJob
        metadata: { name: bill, namespace: shop }
        spec: { schedule: "0 3 * * *" }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: edge, namespace: shop, annotations: { external-dns.alpha.kubernetes.io/hostname: shop.example, team: shop } }
        spec: { type: LoadBalancer, selector: { app: storefront }, ports: [{ port: 80, nodePort: 30080 }], externalIPs: [203.0.113.7] }
        """;

    public static readonly TwinOptions WithVelero = new() { Velero = true };

    public static readonly Resource<System.Text.Json.JsonElement> Backups = Resources.Any("velero.io", "v1", "backups", "Backup", namespaced: true);

    public static readonly Resource<System.Text.Json.JsonElement> Restores = Resources.Any("velero.io", "v1", "restores", "Restore", namespaced: true);

    public static readonly Resource<System.Text.Json.JsonElement> Downloads = Resources.Any("velero.io", "v1", "downloadrequests", "DownloadRequest", namespaced: true);

    public static readonly Resource<System.Text.Json.JsonElement> Locations = Resources.Any("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", namespaced: true);

    public static TwinDrill Drill(string source) => new()
    {
        Twin = WithVelero,
        Manifest = Furniture,
        Yaml = $$"""
            apiVersion: chaosdrill.dev/v1
            kind: Scenario
            metadata: { name: restore-verify }
            spec:
              cluster: { namespace: shop }
              guards: { maxDuration: 3h }
              steps:
                - {{source}}
                - veleroRestoreVerify: { timeout: 30m, readyWithin: 2m }
              objectives:
                - restoreFidelity: { atLeast: 100% }
                - backupAge: { atMost: 26h }
                - restoreTime: { atMost: 15m }
            """,
    };

    public static IEnumerable<CheckMade> Checks(TwinDrill.Result result) => result.Record.Timeline.Select(e => e.Event).OfType<CheckMade>();

    public static string? Why(TwinDrill.Result result) => result.Judgement.Outcome == DrillOutcome.Pass ? null : result.Judgement.Reason;

    public static async Task OrderAsync(KubernetesClient client, string annotation, string order) => await client.PatchAsync(
        Locations, "velero", "default", Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = order } } }));

    public static async Task BackupAsync(KubernetesClient client, string name, string annotations, string namespaces)
    {
        await CreateAsync(client, Backups, "Backup", name, annotations, $$"""{"includedNamespaces":{{namespaces}}}""");
        await Task.Delay(TimeSpan.FromSeconds(10), client.Clock);
    }

    public static async Task CreateAsync(KubernetesClient client, Resource<System.Text.Json.JsonElement> resource, string kind, string name, string annotations, string spec)
    {
        var item = new JsonObject
        {
            ["apiVersion"] = "velero.io/v1", ["kind"] = kind, ["spec"] = JsonNode.Parse(spec),
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["velero.io/schedule-name"] = name.Split('-')[0] }, ["annotations"] = JsonNode.Parse(annotations) },
        };
        using var document = System.Text.Json.JsonDocument.Parse(item.ToJsonString());
        await client.CreateAsync(resource, "velero", document.RootElement.Clone());
    }

    /// <summary>Every namespace, config map, restore and volume.</summary>
    public static async Task<IReadOnlyList<string>> PictureAsync(KubernetesClient client)
    {
        var picture = (await client.ListAsync(Resources.Namespaces, null)).Items.Select(n => n.Metadata.Name!).ToList();
        picture.AddRange((await client.ListAsync(Resources.ConfigMaps, null)).Items.Select(m => $"{m.Metadata.Namespace}/{m.Metadata.Name}"));
        picture.AddRange((await client.ListAsync(Restores, "velero")).Items.Select(r => r.GetProperty("metadata").GetProperty("name").ToString()));
        picture.AddRange((await client.ListAsync(Resources.Any("", "v1", "persistentvolumes", "PersistentVolume", false), null)).Items.Select(r => r.GetProperty("metadata").GetProperty("name").ToString()));
        return picture;
    }
}
