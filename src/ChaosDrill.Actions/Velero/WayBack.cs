using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>The way back from the loss of a namespace: its backup.</summary>
/// <param name="Namespace">The namespace that is lost.</param>
/// <param name="Uid">Which of that name.</param>
/// <param name="Home">The namespace of the Velero server.</param>
/// <param name="Backup">What it is restored from.</param>
/// <param name="GoneWithin">How long its deletion may take.</param>
/// <param name="BackWithin">How long restoring it may take.</param>
/// <remarks>The mark stands on the Backup object, which outlives the namespace.</remarks>
internal sealed record WayBack(string Namespace, string Uid, string Home, string Backup, TimeSpan GoneWithin, TimeSpan BackWithin)
{
    public const string UndoKind = "velero-namespace";

    /// <summary>Not restored in place: who holds a lease is not the past's to say.</summary>
    public static readonly string[] LeftOut = ["leases.coordination.k8s.io"];

    public string Payload => new JsonObject
    {
        ["namespace"] = Namespace, ["uid"] = Uid, ["home"] = Home, ["backup"] = Backup,
        ["goneWithinSeconds"] = GoneWithin.TotalSeconds, ["backWithinSeconds"] = BackWithin.TotalSeconds,
    }.ToJsonString();

    /// <summary>What a person does when no program can: the same restore, by hand.</summary>
    public string ByHand => $"restore it by hand: velero restore create --from-backup {Backup} --include-namespaces {Namespace} --exclude-resources {string.Join(',', LeftOut)} -n {Home}";

    public JsonObject Spec => new()
    {
        ["backupName"] = Backup,
        ["includedNamespaces"] = new JsonArray(Namespace),
        ["excludedResources"] = new JsonArray([.. LeftOut.Select(r => (JsonNode)r)]),
        ["restorePVs"] = true,
    };

    public static WayBack FromJson(string payload)
    {
        var json = JsonNode.Parse(payload)!;
        return new(
            (string)json["namespace"]!, (string)json["uid"]!, (string)json["home"]!, (string)json["backup"]!,
            TimeSpan.FromSeconds((double)json["goneWithinSeconds"]!), TimeSpan.FromSeconds((double)json["backWithinSeconds"]!));
    }

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
        var expected = RestoreComparison.ExpectedOf(contents, ns, LeftOut);
        if (expected.Count == 0)
        {
            return $"it holds nothing of namespace {ns}";
        }

        try
        {
            await RestoredObjects.ReadAsync(api.Client, expected, ns, null, cancellationToken, RestoredObjects.Usual);
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            return $"whether all of it is back could not be told: {e.Message}; grant that in the whole cluster";
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

    public async Task UnmarkAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var found = await client.FindAsync(VeleroApi.Backups, Home, Backup, cancellationToken);
        if (found.ValueKind == JsonValueKind.Object && JsonObject.Create(found)! is var item && UndoMark.Of(item).Any(u => UndoMark.IsSame(u, undo)))
        {
            await client.PatchAsync(VeleroApi.Backups, Home, Backup, Patch.Json([.. UndoMark.Removing(item, undo)]), null, cancellationToken);
        }
    }
}
