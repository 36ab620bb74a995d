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
/// <param name="WithoutNote">Whether it may be one that no drill took, so that nothing but the file says what was in it.</param>
internal sealed record VerificationRequest(
    string File, TimeSpan? MaxAge, string? ClusterUid, int Members, string Scratch, TimeSpan Timeout, bool WithoutNote = false);

/// <summary>
/// Restores a snapshot into a scratch etcd and holds what comes back against what the file itself says, which is read
/// without etcd: so neither the tool's exit code nor a process that answers counts as proof.
/// </summary>
internal sealed class RestoreVerification(EtcdTools tools, TimeProvider clock)
{
    private const string Readable = "the snapshot can be read";

    /// <summary>How far the clocks of a cluster's holders of leases may be apart from this machine's.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(2);

    /// <summary>What etcd keeps free of for each new member: its first log file.</summary>
    private const long LogFile = 64L << 20;

    /// <summary>Verifies; what is found is in the report.</summary>
    public async Task<ActivityOutcome> RunAsync(VerificationRequest request, IActivityReport report, CancellationToken cancellationToken)
    {
        if (ReadFile(request, report) is not (var file, var note))
        {
            return ActivityOutcome.Done;
        }

        RequireRoom(request, file);
        var place = LocalPlace.In(request.Scratch);
        var undo = report.RecordUndo(LocalPlace.UndoKind, $"end the scratch etcd and remove {place.Folder}", place.Payload);
        try
        {
            place.Make();
            return await RestoreAsync(request, place, file, note, report, cancellationToken);
        }
        finally
        {
            await report.UndoAsync(undo);
        }
    }

    private async Task<ActivityOutcome> RestoreAsync(
        VerificationRequest request, LocalPlace place, SnapshotFile file, SnapshotNote? note, IActivityReport report, CancellationToken cancellationToken)
    {
        await using var etcd = new LocalEtcd(tools, place, request.Members, clock);
        var begin = clock.GetTimestamp();
        report.Phase(PhaseNames.RestoreStarted, $"{request.File} into {(request.Members == 1 ? "1 member" : $"{request.Members} members")} with {tools.Restorer!.Name} {tools.Restorer.Version}");
        var source = Version.TryParse(note?.Version, out var taken) ? taken : null;
        if (EtcdTools.Mixed((tools.Restorer.Name, tools.Restorer.Version), ("scratch etcd", tools.Server!.Version), ("source etcd", source)) is { } mixed)
        {
            report.Note(mixed);
        }

        // The tool works by itself meanwhile: reading the file costs no time of its own.
        var restoring = RestoreTimedAsync(etcd, request, cancellationToken);
        var content = ReadContent(request, file, note, report);
        var (refused, at) = await restoring;
        if (content is null)
        {
            return ActivityOutcome.Done;
        }

        if (content.HasAuth)
        {
            return ActivityOutcome.Unknown("the snapshot asks for user and password, which are restored with it; such a store cannot be verified");
        }

        if (refused is not null)
        {
            return ActivityOutcome.Failed($"the restore failed: {refused}");
        }

        report.Phase(PhaseNames.Restored, null, at);
        using var limit = new CancellationTokenSource(Left(begin, request.Timeout), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            etcd.Start();
            var members = await etcd.HealthyAsync(Left(begin, request.Timeout), either.Token);
            report.Phase(PhaseNames.Healthy, $"etcd {members[0].Version}");
            await RestoredProof.CompareAsync(
                etcd.Access, [.. etcd.Members.Zip(members, (m, status) => (m.Name, m.ClientUrl, status))], note, content, report, clock, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ActivityOutcome.Failed($"restoring and verifying was not over within {GoDuration.Format(request.Timeout)}; allow more with timeout:, or find out why it takes so long");
        }

        report.Phase(PhaseNames.Verified, $"{Figures.Count(content.Digest.Keys, "key")}");
        return ActivityOutcome.Done;
    }

    private async Task<(string? Refused, long At)> RestoreTimedAsync(LocalEtcd etcd, VerificationRequest request, CancellationToken cancellationToken)
    {
        var refused = await etcd.RestoreAsync(request.File, request.Timeout, cancellationToken);
        return (refused, clock.GetTimestamp());
    }

    private TimeSpan Left(long begin, TimeSpan limit) => limit - clock.GetElapsedTime(begin) is var left && left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);

    /// <summary>Reads the file and its note; null when they do not stand up, which is then in the report.</summary>
    private static (SnapshotFile File, SnapshotNote? Note)? ReadFile(VerificationRequest request, IActivityReport report)
    {
        const string Whole = "the snapshot is whole";
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
            const string Taken = "the snapshot is the one that was taken";
            var note = SnapshotNote.Beside(request.File);
            if (note is not null)
            {
                report.Check(Taken, note.Sha256 == file.Digest, $"SHA-256 when it was taken: {note.Sha256}");
            }
            else if (!request.WithoutNote)
            {
                // Whoever changes a value can make a trailer anew: the file alone cannot tell.
                report.Check(
                    Taken, null,
                    $"there is no note of it ({request.File}{SnapshotNote.Suffix}), so that nothing but the file itself says what was in it; " +
                    "for snapshots of other tools write withoutNote: true, which holds the restored etcd against the file alone");
            }

            return (file, note);
        }
        catch (FormatException e)
        {
            report.Check(Readable, false, e.Message);
            return null;
        }
    }

    /// <summary>Reads what the file holds; null when its pages do not stand up, which is then in the report.</summary>
    private SnapshotContent? ReadContent(VerificationRequest request, SnapshotFile file, SnapshotNote? note, IActivityReport report)
    {
        try
        {
            var content = SnapshotContent.Read(file);
            report.Check(Readable, true, $"{Figures.Count(content.Digest.Keys, "key")}, revision {content.Revision}, digest {content.Digest}");
            if (content.Digest.Keys <= content.DrillKeys.Count)
            {
                // All that would be compared holds of nothing, too.
                report.Check("the snapshot holds something", false, "it has no key but those of drills: etcd was empty when it was taken");
            }

            report.Figure("snapshot size", MeasureUnit.Bytes, file.Length);
            report.Figure("snapshot keys", MeasureUnit.Count, content.Digest.Keys);
            CheckOrigin(request, note, content, report);
            CheckAge(request, note, content, report);
            return content;
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
