using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>What became of the data in the volumes of a namespace: Velero may leave it out, or restore an empty volume, without any error.</summary>
/// <param name="api">Asks Velero.</param>
/// <param name="from">The namespace that was backed up.</param>
/// <param name="to">The namespace that it is restored to.</param>
/// <param name="note">Takes what is worth knowing.</param>
/// <param name="check">Takes findings.</param>
internal sealed class RestoredVolumes(VeleroApi api, string from, string to, Action<string> note, Action<string, bool?, string> check)
{
    private static readonly Resource<System.Text.Json.JsonElement> Claims = Resources.Any("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", namespaced: true);

    /// <summary>Whether every volume claim's data is in the backup; a claim that was left out comes back empty without any error.</summary>
    public async Task CheckBackupAsync(string backup, IReadOnlyList<BackedUp> contents, CancellationToken cancellationToken)
    {
        var claims = ClaimsIn(contents);
        if (claims.Count == 0)
        {
            return;
        }

        var file = await api.DownloadAsync("BackupVolumeInfos", backup, cancellationToken);
        if (VolumeCoverage.Missing(claims, from, file.Json() as JsonArray) is not { } uncovered)
        {
            check("the backup holds the data of every volume", null, $"what became of {claims.Count} volumes cannot be known: {file.Why}");
            return;
        }

        check("the backup holds the data of every volume", uncovered.Count == 0, uncovered.Count == 0 ? $"{claims.Count} volumes" : $"these come back empty: {Enumeration.Of(uncovered)}");
    }

    /// <summary>Waits for volumes that Velero is still filling when it says that the restore is done.</summary>
    public async Task AwaitAsync(string restore, long begin, TimeSpan limit, CancellationToken cancellationToken)
    {
        var labels = $"velero.io/restore-name={VeleroLabel.Of(restore)}";
        while (true)
        {
            IReadOnlyList<JsonObject> moves = [.. await api.ListAsync(VeleroApi.VolumeRestores, labels, cancellationToken), .. await api.ListAsync(VeleroApi.DataDownloads, labels, cancellationToken)];
            var open = moves.Where(m => VeleroPhase.Of(m) is not ("Completed" or "Failed" or "Canceled")).ToList();
            if (open.Count == 0 || api.Client.Clock.GetElapsedTime(begin) > limit)
            {
                var bad = moves.Where(m => VeleroPhase.Of(m) != "Completed").ToList();
                if (moves.Count > 0)
                {
                    check("the data of every volume is restored", bad.Count == 0, bad.Count == 0 ? $"{moves.Count} volumes" : Enumeration.Of(bad.Select(m => $"{VeleroPreflight.NameOf(m)}: {VeleroPhase.Of(m)} {(string?)m["status"]?["message"]}")));
                }

                return;
            }

            await Task.Delay(RestoreTrial.Look, api.Client.Clock, cancellationToken);
        }
    }

    /// <summary>Whether the restore says of every volume claim that it brought its data; one that it passed over comes back empty without any error.</summary>
    public async Task CheckRestoreAsync(string restore, IReadOnlyList<BackedUp> contents, CancellationToken cancellationToken)
    {
        var claims = ClaimsIn(contents);
        if (claims.Count == 0)
        {
            return;
        }

        var file = await api.DownloadAsync("RestoreVolumeInfo", restore, cancellationToken);
        if (file.UnknownKind)
        {
            note("this Velero does not list the volumes that it restored; markers in volumes or checks tell of their bytes");
            return;
        }

        var restored = (file.Json() as JsonArray)?.OfType<JsonObject>().Select(i => (string?)i["pvcName"]).ToHashSet();
        var empty = claims.Where(c => restored?.Contains(c) == false).ToList();
        check(
            "the restore lists the data of every volume", restored is null ? null : empty.Count == 0,
            restored is null ? $"what it restored of {claims.Count} volumes cannot be known: {file.Why}" : empty.Count == 0 ? $"{claims.Count} volumes" : $"these come back empty: {Enumeration.Of(empty)}");
    }

    /// <summary>The uids of the restored claims: an operator that makes one anew makes it empty.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ClaimsAsync(CancellationToken cancellationToken) =>
        (await api.Client.ListAsync(Claims, to, null, cancellationToken)).Items.Select(i => JsonObject.Create(i)!)
            .ToDictionary(VeleroPreflight.NameOf, i => (string?)i["metadata"]!["uid"] ?? "", StringComparer.Ordinal);

    /// <summary>Whether the claims are still those that were restored.</summary>
    public async Task CheckClaimsAsync(IReadOnlyDictionary<string, string> restored, CancellationToken cancellationToken)
    {
        if (restored.Count > 0)
        {
            var now = await ClaimsAsync(cancellationToken);
            var other = restored.Where(c => now.GetValueOrDefault(c.Key) != c.Value).Select(c => c.Key).ToList();
            check("the volume claims are those that were restored", other.Count == 0, other.Count == 0 ? $"{restored.Count} claims" : $"deleted or made anew since, so without the backup's data: {Enumeration.Of(other)}");
        }
    }

    private List<string> ClaimsIn(IReadOnlyList<BackedUp> contents) => [.. contents.Where(i => i.Namespace == from && i.Resource == "persistentvolumeclaims").Select(i => i.Name)];
}
