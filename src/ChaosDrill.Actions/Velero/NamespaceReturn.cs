using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;

namespace ChaosDrill.Actions.Velero;

/// <summary>
/// Goes the way back from the loss of a namespace, from wherever the drill left it: still there, going, gone, half restored.
/// It is gone when everything that the backup holds of the namespace is there, and not because a restore says so.
/// </summary>
internal sealed class NamespaceReturn(KubernetesClient client, WayBack way, UndoRecord undo)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly VeleroApi _api = new(client, way.Home);

    /// <summary>Goes the way that an undo describes. Idempotent; another try makes another restore if it has to.</summary>
    /// <exception cref="UndoRefusedException">It cannot be gone now; says what a person has to do.</exception>
    public static Task<string> GoAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        new NamespaceReturn(client, WayBack.FromJson(undo.Payload), undo).GoAsync(cancellationToken);

    private async Task<string> GoAsync(CancellationToken cancellationToken)
    {
        string? tried = null;
        var begin = client.Clock.GetTimestamp();
        while (true)
        {
            var there = await _api.FindNamespaceAsync(way.Namespace, cancellationToken);
            var going = there?["metadata"]?["deletionTimestamp"] is not null;
            if (there is not null && !going && (string?)there["metadata"]?["uid"] == way.Uid)
            {
                return await DoneAsync($"namespace {way.Namespace} was never deleted", cancellationToken);
            }

            var restores = await RestoresAsync(cancellationToken);
            if (going)
            {
                Limit(begin, way.GoneWithin, $"namespace {way.Namespace} is still being deleted: {NamespaceHold.Of(there!)}. Have what holds it removed by its owner; then run chaosdrill undo {undo.DrillId}, or {way.ByHand}");
            }
            else if (restores.FirstOrDefault(r => !VeleroPhase.IsTerminal(VeleroPhase.Of(r))) is { } running)
            {
                Limit(begin, way.GoneWithin + way.BackWithin, $"restore {way.Home}/{VeleroPreflight.NameOf(running)} of namespace {way.Namespace} is still {VeleroPhase.Of(running)}; when it has ended, run chaosdrill undo {undo.DrillId}");
            }
            else if (there is not null && restores.Count == 0)
            {
                throw new UndoRefusedException($"namespace {way.Namespace} is there again, but was not restored from backup {way.Backup}: somebody else made it, and it was left alone. See what is in it, and {way.ByHand}");
            }
            else
            {
                var missing = there is null ? $"namespace {way.Namespace} is not there" : await MissingAsync(cancellationToken);
                if (missing is null)
                {
                    return await DoneAsync($"namespace {way.Namespace} is there, with every object of backup {way.Backup}", cancellationToken);
                }

                if (restores.FirstOrDefault(r => VeleroPreflight.NameOf(r) == tried) is { } own)
                {
                    throw new UndoRefusedException($"restore {way.Home}/{tried} ended as {VeleroPhase.Ending(own)}, and {missing}. See why: velero restore logs {tried} -n {way.Home}; then {way.ByHand}");
                }

                tried = $"chaosdrill-undo-{RunId.New()}";
                await _api.CreateAsync(VeleroApi.Restores, tried, way.Spec, cancellationToken);
            }

            await Task.Delay(Look, client.Clock, cancellationToken);
        }
    }

    private void Limit(long begin, TimeSpan limit, string trouble)
    {
        if (client.Clock.GetElapsedTime(begin) > limit)
        {
            throw new UndoRefusedException($"after {GoDuration.Format(limit)} {trouble}");
        }
    }

    private async Task<string> DoneAsync(string done, CancellationToken cancellationToken)
    {
        await way.UnmarkAsync(client, undo, cancellationToken);
        return done;
    }

    /// <summary>Restores of the backup in place, whoever made them.</summary>
    private async Task<IReadOnlyList<JsonObject>> RestoresAsync(CancellationToken cancellationToken) =>
    [
        .. (await _api.ListAsync(VeleroApi.Restores, null, cancellationToken))
            .Where(r => (string?)r["spec"]?["backupName"] == way.Backup && r["spec"]?["namespaceMapping"] is not JsonObject { Count: > 0 }),
    ];

    /// <summary>What of the backup is not there, in words; null when all is. A marker is gone when its own way back was gone.</summary>
    private async Task<string?> MissingAsync(CancellationToken cancellationToken)
    {
        var file = await _api.DownloadAsync("BackupContents", way.Backup, cancellationToken);
        if (file.Content is null)
        {
            return $"whether namespace {way.Namespace} is whole cannot be known: {file.Why}";
        }

        var expected = RestoreComparison.ExpectedOf(BackupContents.Read(file.Content), way.Namespace, WayBack.LeftOut).Where(i => !DrillMarker.Is(i)).ToList();
        var found = await RestoredObjects.ReadAsync(client, expected, way.Namespace, null, cancellationToken);
        var missing = expected.Where(i => !found.ContainsKey((i.Resource, i.Name))).Select(i => i.ToString()).ToList();
        return missing.Count == 0 ? null : $"namespace {way.Namespace} lacks {Enumeration.Of(missing)}";
    }
}
