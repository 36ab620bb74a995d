using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Restores.EtcdRestoreVerify;

/// <summary>What a snapshot is held against.</summary>
/// <param name="File">The snapshot.</param>
/// <param name="MaxAge">The oldest that its content may be.</param>
/// <param name="ClusterUid">Uid of namespace kube-system that it must hold.</param>
/// <param name="Members">How many members it is restored into.</param>
/// <param name="Scratch">Folder that the scratch folder is made in.</param>
/// <param name="Timeout">Limit of restoring and verifying.</param>
internal sealed record VerificationRequest(string File, TimeSpan? MaxAge, string? ClusterUid, int Members, string Scratch, TimeSpan Timeout);

/// <summary>
/// Restores a snapshot into a scratch etcd and holds what comes back against what the file itself says, which is read
/// without etcd: so neither the tool's exit code nor a process that answers counts as proof.
/// </summary>
internal sealed class RestoreVerification(EtcdTools tools, TimeProvider clock)
{
    /// <summary>How far the clocks of a cluster's holders of leases may be apart from this machine's.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(2);

    /// <summary>What etcd keeps free of for each new member: its first log file.</summary>
    private const long LogFile = 64L << 20;

    /// <summary>Verifies; what is found is in the report.</summary>
    public async Task<ActivityOutcome> RunAsync(VerificationRequest request, IActivityReport report, CancellationToken cancellationToken)
    {
        if (ReadFile(request, report) is not (var file, var note, var content))
        {
            return ActivityOutcome.Done;
        }

        CheckOrigin(request, note, content, report);
        CheckAge(request, note, content, report);
        if (content.HasAuth)
        {
            return ActivityOutcome.Unknown("the snapshot asks for user and password, which are restored with it; such a store cannot be verified");
        }

        RequireRoom(request, file);
        var place = LocalPlace.In(request.Scratch);
        var undo = report.RecordUndo(LocalPlace.UndoKind, $"end the scratch etcd and remove {place.Folder}", place.Payload);
        try
        {
            place.Make();
            return await RestoreAsync(request, place, note, content, report, cancellationToken);
        }
        finally
        {
            await report.UndoAsync(undo);
        }
    }

    private async Task<ActivityOutcome> RestoreAsync(
        VerificationRequest request, LocalPlace place, SnapshotNote? note, SnapshotContent content, IActivityReport report, CancellationToken cancellationToken)
    {
        await using var etcd = new LocalEtcd(tools, place, request.Members, clock);
        var begin = clock.GetTimestamp();
        report.Phase(PhaseNames.RestoreStarted, $"{request.File} into {(request.Members == 1 ? "1 member" : $"{request.Members} members")} with {Path.GetFileName(tools.Restorer!.Path)} {tools.Restorer.Version}");
        if (await etcd.RestoreAsync(request.File, request.Timeout, cancellationToken) is { } refused)
        {
            return ActivityOutcome.Failed($"the restore failed: {refused}");
        }

        report.Phase(PhaseNames.Restored);
        using var limit = new CancellationTokenSource(Left(begin, request.Timeout), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            etcd.Start();
            var members = await etcd.HealthyAsync(Left(begin, request.Timeout), either.Token);
            report.Phase(PhaseNames.Healthy, $"etcd {members[0].Version}");
            await CompareAsync(etcd, members, note, content, report, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ActivityOutcome.Failed($"restoring and verifying was not over within {GoDuration.Format(request.Timeout)}; allow more with timeout:, or find out why it takes so long");
        }

        report.Phase(PhaseNames.Verified, $"{Figures.Count(content.Digest.Keys, "key")}");
        return ActivityOutcome.Done;
    }

    private TimeSpan Left(long begin, TimeSpan limit) => limit - clock.GetElapsedTime(begin) is var left && left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);

    /// <summary>Reads the file and its note; null when they do not stand up, which is then in the report.</summary>
    private static (SnapshotFile File, SnapshotNote? Note, SnapshotContent Content)? ReadFile(VerificationRequest request, IActivityReport report)
    {
        const string Whole = "the snapshot is whole";
        const string Readable = "the snapshot can be read";
        SnapshotFile file;
        try
        {
            file = SnapshotFile.Read(request.File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.Check(Whole, false, $"{request.File} cannot be read: {e.Message}");
            return null;
        }

        report.Check(Whole, file.Damage is null, file.Damage is null ? $"{Figures.Bytes(file.Length)}, SHA-256 {file.Digest}" : $"{request.File}: {file.Damage}");
        if (file.Damage is not null)
        {
            return null;
        }

        try
        {
            var note = SnapshotNote.Beside(request.File);
            if (note is not null)
            {
                report.Check("the snapshot is the one that was taken", note.Sha256 == file.Digest, $"SHA-256 when it was taken: {note.Sha256}");
            }

            var content = SnapshotContent.Read(file);
            report.Check(Readable, true, $"{Figures.Count(content.Digest.Keys, "key")}, revision {content.Revision}, digest {content.Digest}");
            report.Figure("snapshot size", MeasureUnit.Bytes, file.Length);
            report.Figure("snapshot keys", MeasureUnit.Count, content.Digest.Keys);
            return (file, note, content);
        }
        catch (FormatException e)
        {
            report.Check(Readable, false, e.Message);
            return null;
        }
    }

    private static void CheckOrigin(VerificationRequest request, SnapshotNote? note, SnapshotContent content, IActivityReport report)
    {
        if (note is not null)
        {
            report.Check(
                "the snapshot holds what its note says", note.Content == content.Digest.ToString() && note.Revision == content.Revision,
                $"revision {note.Revision}, digest {note.Content}");
        }

        if (request.ClusterUid is { } wanted)
        {
            report.Check(
                "the snapshot is of this cluster", content.ClusterUid is null ? null : content.ClusterUid == wanted,
                content.ClusterUid is null ? "its namespace kube-system is not in it, or cannot be read" : $"namespace kube-system has uid {content.ClusterUid}, wanted is {wanted}");
        }
    }

    /// <summary>
    /// The recovery point is not later than when it was taken, and not earlier than what is in it. The file's own time is no
    /// witness: a copy is always young.
    /// </summary>
    private void CheckAge(VerificationRequest request, SnapshotNote? note, SnapshotContent content, IActivityReport report)
    {
        var now = clock.GetUtcNow();
        var point = note?.TakenAt;
        var witness = "its note says when it was taken";
        if (content.LastRenewal is { } renewal && (point is null || renewal < point - _clockSkew))
        {
            (point, witness) = (renewal, "the last renewal of a lease in it says how old it is");
        }

        if (point is not { } at)
        {
            const string Why = "neither a note nor a lease says how old it is, and the file's own time would be that of a copy";
            report.FigureUnknown(FigureNames.DataLoss, MeasureUnit.Seconds, Why);
            if (request.MaxAge is not null)
            {
                report.Check("the snapshot is young enough", null, Why);
            }

            return;
        }

        var age = now - at;
        report.Figure(FigureNames.DataLoss, MeasureUnit.Seconds, age.TotalSeconds);
        if (request.MaxAge is { } most)
        {
            var evidence = $"its recovery point is {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {Figures.Seconds(age)} ago, allowed are {GoDuration.Format(most)}: {witness}";
            report.Check("the snapshot is young enough", age < -_clockSkew ? null : age <= most, age < -_clockSkew ? $"{evidence}; that is in the future: one of the clocks is wrong" : evidence);
        }
    }

    private async Task CompareAsync(
        LocalEtcd etcd, IReadOnlyList<MemberStatus> members, SnapshotNote? note, SnapshotContent content, IActivityReport report, CancellationToken cancellationToken)
    {
        report.Check(
            "the members are one cluster with one leader", members.Select(m => (m.ClusterId, m.Leader)).Distinct().Count() == 1,
            $"{members.Count} of {etcd.Members.Count} answer, cluster {members[0].ClusterId:x}");
        if (note is not null)
        {
            report.Check("the restored cluster is another than its source", members.All(m => m.ClusterId != note.ClusterId), $"the source is cluster {note.ClusterId:x}");
        }

        var hashes = new List<KeyHash>();
        RestoredContent? restored = null;
        foreach (var member in etcd.Members)
        {
            using var client = new EtcdClient(etcd.Access.At(member.ClientUrl), clock) { Limit = TimeSpan.FromMinutes(2) };
            var alarms = await client.AlarmsAsync(cancellationToken);
            report.Check($"member {member.Name} raises no alarm", alarms.Count == 0, alarms.Count == 0 ? "none" : string.Join(", ", alarms));
            hashes.Add(await client.HashKeysAsync(content.Revision, cancellationToken));
            if (restored is null)
            {
                restored = new RestoredContent();
                await restored.ReadAsync(client, content.Revision, cancellationToken);
                await CheckMarkersAsync(client, note, report, cancellationToken);
                var revision = (await client.StatusAsync(cancellationToken)).Revision;
                report.Check("the restored etcd goes on from the snapshot's revision", revision >= content.Revision, $"revision {revision}, the snapshot ends at {content.Revision}");
            }
        }

        report.Check("all members hold the same", hashes.Distinct().Count() == 1, string.Join(", ", hashes.Select(h => $"hash {h.Hash:x8}")));
        if (note?.Hash is { } hash && note.HashCompactRevision == hashes[0].CompactRevision)
        {
            report.Check("the hash by revision is the source's", hash == hashes[0].Hash, $"{hashes[0].Hash:x8} here, {hash:x8} there, at revision {content.Revision}");
        }

        CheckContent(restored!, content, report);
    }

    private static void CheckContent(RestoredContent restored, SnapshotContent content, IActivityReport report)
    {
        var differ = content.Counts.Keys.Union(restored.Counts.Keys).Order(StringComparer.Ordinal)
            .Where(p => content.Counts.GetValueOrDefault(p) != restored.Counts.GetValueOrDefault(p)).ToList();
        report.Check(
            "each prefix has as many keys as in the snapshot", differ.Count == 0,
            differ.Count == 0
                ? $"{Figures.Count(restored.Digest.Keys, "key")} under {(content.Counts.Count == 1 ? "1 prefix" : $"{content.Counts.Count} prefixes")}"
                : string.Join(", ", differ.Take(5).Select(p => $"{p}: {restored.Counts.GetValueOrDefault(p)} instead of {content.Counts.GetValueOrDefault(p)}")));
        report.Check(
            "every key has its value and revisions", restored.Digest.ToString() == content.Digest.ToString(),
            $"digest {restored.Digest} restored, {content.Digest} in the snapshot");
        if (restored.Forms.Count + restored.MisfitCount > 0)
        {
            report.Check(
                "every Kubernetes object is what its key says", restored.MisfitCount == 0,
                restored.MisfitCount == 0
                    ? string.Join(", ", restored.Forms.OrderBy(f => f.Key).Select(f => $"{Figures.Count(f.Value)} {f.Key.ToString().ToLowerInvariant()}"))
                    : $"{Figures.Count(restored.MisfitCount)} are not: {string.Join("; ", restored.Misfits)}");
        }
    }

    private static async Task CheckMarkersAsync(EtcdClient client, SnapshotNote? note, IActivityReport report, CancellationToken cancellationToken)
    {
        if (note is not { MarkerBefore: { } before, MarkerAfter: { } after, MarkerValue: { } value })
        {
            report.Note("no drill took this snapshot, so there are no markers in it to look for");
            return;
        }

        var found = await client.FindAsync(before, cancellationToken);
        report.Check(
            "the marker from before the snapshot came back", found is not null && System.Text.Encoding.UTF8.GetString(found) == value,
            found is null ? $"{before} is not there" : before);
        report.Check("the marker from after the snapshot did not", await client.FindAsync(after, cancellationToken) is null, after);
    }

    /// <summary>A restore that runs out of room half way proves nothing of the snapshot.</summary>
    private static void RequireRoom(VerificationRequest request, SnapshotFile file)
    {
        var needed = request.Members * ((2 * file.Length) + (2 * LogFile));
        DriveInfo drive;
        try
        {
            drive = new DriveInfo(Path.GetFullPath(request.Scratch));
        }
        catch (ArgumentException)
        {
            return;
        }

        if (drive.AvailableFreeSpace < needed)
        {
            throw new ClusterException(
                $"{request.Scratch} has {Figures.Bytes(drive.AvailableFreeSpace)} free; restoring takes up to {Figures.Bytes(needed)}; name a place with more room with scratch:");
        }
    }
}
