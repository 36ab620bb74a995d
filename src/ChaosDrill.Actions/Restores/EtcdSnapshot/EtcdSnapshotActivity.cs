using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Restores.EtcdSnapshot;

/// <summary>Takes a snapshot with etcdctl, and believes it only after having looked itself.</summary>
internal sealed class EtcdSnapshotActivity(EtcdSnapshot options, EtcdAccess? own, TakenSnapshots taken, TimeProvider clock) : IActivity
{
    public IReadOnlyList<AccessNeed> Needs => [];

    private string FolderName => options.Folder is null ? options.Bucket is null ? "the drill's own folder" : $"bucket {options.Bucket.Name}" : Path.GetFullPath(options.Folder) + (options.Bucket is null ? "" : $" and bucket {options.Bucket.Name}");

    public async Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken)
    {
        var refusals = new List<Refusal>();
        var access = EtcdPresets.Of(options, own);
        refusals.AddRange((await EtcdTools.FindAsync(options.Bin, clock, cancellationToken)).MissingToSave());
        refusals.AddRange(access is null ? [EtcdPresets.NoAccess] : EtcdPresets.Unreadable(access));
        Candidate? source = null;
        if (access is not null && refusals.Count == 0)
        {
            try
            {
                source = await SourceAsync(access, cancellationToken);
            }
            catch (EtcdException e)
            {
                refusals.Add(new Refusal(RefusalKind.Missing, e.Message, "correct endpoints and certificates, or start etcd"));
            }
        }

        if (options.Folder is { } folder && File.Exists(folder))
        {
            refusals.Add(new Refusal(RefusalKind.Missing, $"{folder} is a file", "name a folder"));
        }

        refusals.AddRange(await BucketShelf.RefusalsAsync(options.Bucket, clock, cancellationToken));

        return new ActivityPlan(
            source is null
                ? $"take a snapshot of etcd into {FolderName}"
                : $"take a snapshot of etcd {source.Status.Version} at {source.Endpoint}{(source.IsLeader ? " (the leader)" : "")}, {Figures.Bytes(source.Status.DbSize)}, into {FolderName}",
            [], "take the two markers out of etcd again", refusals);
    }

    public async Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken)
    {
        var access = EtcdPresets.Of(options, own)!;
        var tools = await EtcdTools.FindAsync(options.Bin, clock, cancellationToken);
        var source = await SourceAsync(access, cancellationToken);
        report.Note($"{source.Endpoint} is chosen: {(source.IsLeader ? "it is the leader" : "no leader among the endpoints answers")}, revision {source.Status.Revision}, etcdctl {tools.Ctl!.Version}");
        if (EtcdTools.Mixed(("etcdctl", tools.Ctl.Version), ("etcd", Version.TryParse(source.Status.Version, out var version) ? version : null)) is { } mixed)
        {
            report.Note(mixed);
        }

        using var client = new EtcdClient(access.At(source.Endpoint), clock);
        var folder = FolderOf(report);
        var value = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var traces = new SnapshotTraces(
            access.At(source.Endpoint), $"{SnapshotContent.DrillPrefix}{value}/before", $"{SnapshotContent.DrillPrefix}{value}/after",
            Path.Combine(folder, $".chaosdrill-{value}.unproved"));
        var undo = report.RecordUndo(SnapshotTraces.UndoKind, $"take the drill's two markers out of etcd at {source.Endpoint}", traces.Payload);
        var least = await client.PutAsync(traces.Before, Encoding.UTF8.GetBytes(value), cancellationToken);

        var takenAt = clock.GetUtcNow();
        report.Phase("snapshot started", source.Endpoint);
        var result = await tools.Ctl.RunAsync(
            [
                .. traces.Access.Arguments, $"--command-timeout={Math.Ceiling(options.Timeout.TotalSeconds):0}s", "snapshot", "save", traces.Unfinished,
            ],
            options.Timeout, clock, null, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new EtcdException(result.ExitCode is null
                ? $"etcdctl did not finish the snapshot of {source.Endpoint} within {options.Timeout.TotalSeconds:0.#} s; allow more with timeout:, or look at that member"
                : $"etcdctl could not take the snapshot of {source.Endpoint} into {folder} (exit code {result.ExitCode}): {EtcdTool.Said(result)}");
        }

        report.Phase("snapshot taken", $"{traces.Access.Endpoints[0]} in {Figures.Seconds(result.Took)}");
        await client.PutAsync(traces.After, Encoding.UTF8.GetBytes(value), cancellationToken);
        var most = (await client.StatusAsync(cancellationToken)).Revision;
        if (Prove(traces, value, least, most, report) is not { } proved)
        {
            await report.UndoAsync(undo);
            return ActivityOutcome.Done;
        }

        var hash = await HashAsync(client, proved.Content.Revision, cancellationToken);
        var path = Path.Combine(folder, SnapshotName.Of(takenAt, proved.Content.Revision));
        new SnapshotNote
        {
            Sha256 = proved.File.Digest,
            TakenAt = takenAt,
            Endpoint = source.Endpoint,
            ClusterId = source.Status.ClusterId,
            MemberId = source.Status.MemberId,
            Version = source.Status.Version,
            Revision = proved.Content.Revision,
            Keys = proved.Content.Digest.Keys,
            Content = proved.Content.Digest.ToString(),
            Hash = hash?.Hash,
            HashCompactRevision = hash?.CompactRevision ?? 0,
            MarkerBefore = traces.Before,
            MarkerAfter = traces.After,
            MarkerValue = value,
            Drill = undo.DrillId,
        }.WriteBeside(path);
        File.Move(traces.Unfinished, path);
        taken.Last = path;
        report.Phase("snapshot kept", path);
        report.Figure("snapshot size", MeasureUnit.Bytes, proved.File.Length);
        report.Figure("snapshot keys", MeasureUnit.Count, proved.Content.Digest.Keys);
        report.Figure("snapshot revision", MeasureUnit.Count, proved.Content.Revision);
        report.Figure("snapshot time", MeasureUnit.Seconds, result.Took.TotalSeconds);
        report.Figure("snapshot speed", MeasureUnit.BytesPerSecond, proved.File.Length / result.Took.TotalSeconds);
        await report.UndoAsync(undo);
        if (options.Bucket is not null && !await PutIntoBucketAsync(options.Bucket, path, report, cancellationToken))
        {
            return ActivityOutcome.Done;
        }

        if (options is { Keep: { } keep, Folder: not null })
        {
            TellRemoved(SnapshotFolder.Retain(folder, keep), report);
        }

        return ActivityOutcome.Done;
    }

    /// <summary>Believed only when it was read back; then older ones may go.</summary>
    private async Task<bool> PutIntoBucketAsync(SnapshotBucket bucket, string path, IActivityReport report, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var shelf = new BucketShelf(bucket);
        try
        {
            var begin = clock.GetTimestamp();
            await shelf.PutAsync(path, either.Token);
            var took = clock.GetElapsedTime(begin);
            var place = shelf.PlaceOf(Path.GetFileName(path));
            report.Phase("snapshot in the bucket", $"{place} in {Figures.Seconds(took)}");
            report.Figure("upload time", MeasureUnit.Seconds, took.TotalSeconds);
            var holds = await shelf.HoldsAsync(path, either.Token);
            report.Check("the bucket holds the snapshot", holds, holds ? $"{place}, read back byte by byte" : $"what {place} gives back is something else");
            if (holds && options.Keep is { } keep)
            {
                TellRemoved(await shelf.RetainAsync(keep, either.Token), report);
            }

            return holds;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException($"{shelf.Place} did not take the snapshot and give it back within {GoDuration.Format(options.Timeout)}; allow more with timeout:, or look at that server");
        }
    }

    private void TellRemoved(IReadOnlyList<string> removed, IActivityReport report)
    {
        foreach (var name in removed)
        {
            report.Note($"{name} removed: {options.Keep} are kept");
        }
    }

    /// <summary>Looks at the file itself; null when it does not stand up.</summary>
    private static Proved? Prove(SnapshotTraces traces, string value, long least, long most, IActivityReport report)
    {
        var file = SnapshotFile.Read(traces.Unfinished);
        report.Check("the snapshot is whole", file.Damage is null, file.Damage ?? $"{Figures.Bytes(file.Length)}, SHA-256 {file.Digest}");
        if (file.Damage is not null)
        {
            return null;
        }

        SnapshotContent content;
        try
        {
            content = SnapshotContent.Read(file);
        }
        catch (FormatException e)
        {
            report.Check("the snapshot can be read", false, e.Message);
            return null;
        }

        report.Check(
            "the snapshot is of this moment", content.Revision >= least && content.Revision <= most,
            $"revision {content.Revision}, taken between {least} and {most}");
        var before = content.DrillKeys.GetValueOrDefault(traces.Before);
        report.Check("the marker from before the snapshot is in it", before == value, before is null ? "it is not there" : traces.Before);
        report.Check(
            "the marker from after the snapshot is not in it", !content.DrillKeys.ContainsKey(traces.After),
            content.DrillKeys.ContainsKey(traces.After) ? $"{traces.After} is there" : traces.After);
        return new Proved(file, content);
    }

    /// <summary>The member's own hash, which a restore must agree with as long as nobody compacts.</summary>
    private static async Task<KeyHash?> HashAsync(EtcdClient client, long revision, CancellationToken cancellationToken)
    {
        try
        {
            return await client.HashKeysAsync(revision, cancellationToken);
        }
        catch (EtcdException)
        {
            // It is one witness of several.
            return null;
        }
    }

    /// <summary>The leader, or else the first member that is up to date.</summary>
    private async Task<Candidate> SourceAsync(EtcdAccess access, CancellationToken cancellationToken)
    {
        var troubles = new List<string>();
        var found = new List<Candidate>();
        foreach (var endpoint in access.Endpoints)
        {
            try
            {
                using var client = new EtcdClient(access.At(endpoint), clock);
                var status = await client.StatusAsync(cancellationToken);
                found.Add(new Candidate(endpoint, status));
            }
            catch (EtcdException e)
            {
                troubles.Add(e.Message);
            }
        }

        return found.Where(c => c.Status is { Leader: not 0, IsLearner: false }).OrderByDescending(c => c.IsLeader).ThenByDescending(c => c.Status.AppliedIndex).FirstOrDefault()
            ?? throw new EtcdException(troubles.Count > 0 ? string.Join("; ", troubles) : $"no member of etcd at {string.Join(", ", access.Endpoints)} knows a leader");
    }

    private string FolderOf(IActivityReport report)
    {
        if (options.Folder is { } named)
        {
            try
            {
                return Directory.CreateDirectory(named).FullName;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ClusterException($"the folder {named} cannot be made: {e.Message}", e);
            }
        }

        var place = LocalPlace.In(Path.GetTempPath());
        report.RecordUndo(LocalPlace.UndoKind, $"remove {place.Folder}", place.Payload);
        place.Make();
        return place.Folder;
    }

    private sealed record Candidate(string Endpoint, MemberStatus Status)
    {
        public bool IsLeader => Status.Leader == Status.MemberId;
    }

    private sealed record Proved(SnapshotFile File, SnapshotContent Content);
}
