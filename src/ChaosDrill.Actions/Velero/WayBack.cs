using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>The way back from the loss of a namespace: a restore of the backup, under a name that is known before.</summary>
/// <remarks>The mark stands on the Backup object, which outlives the namespace.</remarks>
internal sealed record WayBack(string Namespace, string Home, string Backup, string Restore)
{
    public const string UndoKind = "velero-namespace";

    /// <summary>Not restored in place: who holds a lease is not the past's to say.</summary>
    public static readonly string[] LeftOut = ["leases.coordination.k8s.io"];

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public string Payload => new JsonObject { ["namespace"] = Namespace, ["home"] = Home, ["backup"] = Backup, ["restore"] = Restore }.ToJsonString();

    /// <summary>Why a backup may not bring a namespace back; null when its archive was read and holds objects of it and the data of its volumes.</summary>
    public static async Task<string?> DoubtAsync(VeleroApi api, ChosenBackup backup, string ns, CancellationToken cancellationToken)
    {
        if (await api.FindAsync(VeleroApi.Backups, backup.Name, cancellationToken) is not { } now)
        {
            return "it is gone";
        }

        if (await VeleroPreflight.OfBackupAsync(api, now, null, cancellationToken) is { } refusal)
        {
            return refusal.Message;
        }

        var archive = await api.DownloadAsync("BackupContents", backup.Name, cancellationToken);
        if (archive.Content is null)
        {
            return archive.Why;
        }

        var contents = BackupContents.Read(archive.Content);
        if (RestoreComparison.ExpectedOf(contents, ns, LeftOut).Count == 0)
        {
            return $"it holds nothing of namespace {ns}";
        }

        var claims = contents.Where(i => i.Namespace == ns && i.Resource == "persistentvolumeclaims").Select(i => i.Name).ToList();
        if (claims.Count == 0)
        {
            return null;
        }

        var infos = await api.DownloadAsync("BackupVolumeInfos", backup.Name, cancellationToken);
        return VolumeCoverage.Missing(claims, ns, infos.Json() as JsonArray) is not { } missing ? $"what became of its volumes is not known: {infos.Why}"
            : missing.Count > 0 ? $"the data of these volumes is not in it: {string.Join(", ", missing)}" : null;
    }

    public async Task MarkAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var found = JsonObject.Create(await client.GetAsync(VeleroApi.Backups, Home, Backup, cancellationToken))!;
        await client.PatchAsync(VeleroApi.Backups, Home, Backup, Patch.Json([.. UndoMark.Adding(found, undo)]), null, cancellationToken);
    }

    /// <summary>Restores the namespace, unless it is there again, and takes the mark off the backup.</summary>
    public static async Task<string> GoAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var json = JsonNode.Parse(undo.Payload)!;
        var way = new WayBack((string)json["namespace"]!, (string)json["home"]!, (string)json["backup"]!, (string)json["restore"]!);
        var api = new VeleroApi(client, way.Home);
        while (true)
        {
            var there = await api.FindNamespaceAsync(way.Namespace, cancellationToken);
            if (there is not null && there["metadata"]?["deletionTimestamp"] is null && !await way.IsRestoringAsync(api, cancellationToken))
            {
                await way.UnmarkAsync(client, undo, cancellationToken);
                return $"namespace {way.Namespace} is there";
            }

            if (there is null && await api.FindAsync(VeleroApi.Restores, way.Restore, cancellationToken) is null && !await way.IsRestoringAsync(api, cancellationToken))
            {
                await api.CreateAsync(VeleroApi.Restores, way.Restore, way.Spec(), cancellationToken);
            }

            if (await api.FindAsync(VeleroApi.Restores, way.Restore, cancellationToken) is { } restore && VeleroPhase.Of(restore) is "Failed" or "FailedValidation" && there is null)
            {
                throw new UndoRefusedException($"restore {way.Home}/{way.Restore} of namespace {way.Namespace}: {VeleroPhase.Ending(restore)}; restore it by hand from backup {way.Backup}");
            }

            await Task.Delay(Look, client.Clock, cancellationToken);
        }
    }

    public JsonObject Spec() => new()
    {
        ["backupName"] = Backup,
        ["includedNamespaces"] = new JsonArray(Namespace),
        ["excludedResources"] = new JsonArray([.. LeftOut.Select(r => (JsonNode)r)]),
        ["restorePVs"] = true,
    };

    private async Task<bool> IsRestoringAsync(VeleroApi api, CancellationToken cancellationToken) =>
        (await api.ListAsync(VeleroApi.Restores, null, cancellationToken)).Any(r => (string?)r["spec"]?["backupName"] == Backup && r["spec"]?["namespaceMapping"] is not JsonObject { Count: > 0 } && !VeleroPhase.IsTerminal(VeleroPhase.Of(r)));

    private async Task UnmarkAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var found = await client.FindAsync(VeleroApi.Backups, Home, Backup, cancellationToken);
        if (found.ValueKind == JsonValueKind.Object && JsonObject.Create(found)! is var item && UndoMark.Of(item).Any(u => UndoMark.IsSame(u, undo)))
        {
            await client.PatchAsync(VeleroApi.Backups, Home, Backup, Patch.Json([.. UndoMark.Removing(item, undo)]), null, cancellationToken);
        }
    }
}
