using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Restores.EtcdRestoreVerify;

/// <summary>Finds the snapshot that a step means, and has it verified.</summary>
internal sealed class EtcdRestoreVerifyActivity(EtcdRestoreVerify options, KubernetesClient client, TakenSnapshots taken) : IActivity
{
    private double _chance;

    private string Scratch => options.Scratch ?? Path.GetTempPath();

    public IReadOnlyList<AccessNeed> Needs => options.Cluster == "this"
        ? [new AccessNeed("get", "", "namespaces", null, "tell this cluster's snapshots from others' by the uid of namespace kube-system")]
        : [];

    public async Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken)
    {
        _chance = random.NextDouble();
        var tools = await EtcdTools.FindAsync(options.Bin, client.Clock, cancellationToken);
        List<Refusal> refusals = [.. tools.MissingToRestore()];
        if (!Directory.Exists(Scratch))
        {
            refusals.Add(new Refusal(RefusalKind.Missing, $"the folder {Scratch} does not exist", "correct scratch:, or make the folder"));
        }

        if (options.File is { } file && !File.Exists(file))
        {
            refusals.Add(new Refusal(RefusalKind.Missing, $"the snapshot {file} does not exist", "correct file:"));
        }

        refusals.AddRange(await BucketShelf.RefusalsAsync(options.Bucket, client.Clock, cancellationToken));
        var place = options.Bucket is { } bucket ? $"bucket {bucket.Name}" : options.Folder is { } folder ? folder + (Directory.Exists(folder) ? "" : " (not there yet)") : null;
        var which = options.File ?? (place is null
            ? "the snapshot that this drill takes"
            : $"{(options.Pick == SnapshotPick.Latest ? "the youngest snapshot" : "a snapshot by chance")} of {place}");
        return new ActivityPlan(
            $"restore {which} into a scratch etcd of {(options.Members == 1 ? "1 member" : $"{options.Members} members")} on this machine's loopback and verify it",
            [], "end the scratch etcd and remove its folder", refusals);
    }

    public async Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken)
    {
        var tools = await EtcdTools.FindAsync(options.Bin, client.Clock, cancellationToken);
        var uid = options.Cluster == "this" ? await UidAsync(cancellationToken) : options.Cluster;
        if (options.Bucket is { } bucket)
        {
            return await FromBucketAsync(bucket, file => VerifyAsync(file), report, cancellationToken);
        }

        return Find(report) is { } found ? await VerifyAsync(found) : ActivityOutcome.Done;

        Task<ActivityOutcome> VerifyAsync(string file)
        {
            report.Note($"{file} is verified");
            return new RestoreVerification(tools, client.Clock).RunAsync(
                new VerificationRequest(file, options.MaxAge, uid, options.Members, Scratch, options.Timeout, options.WithoutNote), report, cancellationToken);
        }
    }

    /// <summary>Fetches the snapshot into a place of its own, which is gone again when it was verified.</summary>
    private async Task<ActivityOutcome> FromBucketAsync(SnapshotBucket bucket, Func<string, Task<ActivityOutcome>> verify, IActivityReport report, CancellationToken cancellationToken)
    {
        var clock = client.Clock;
        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var shelf = new BucketShelf(bucket);
        UndoRecord? undo = null;
        try
        {
            if (Choose(await shelf.ListAsync(either.Token), shelf.Place, report) is not { } name)
            {
                return ActivityOutcome.Done;
            }

            var place = LocalPlace.In(Scratch);
            undo = report.RecordUndo(LocalPlace.UndoKind, $"remove {place.Folder}", place.Payload);
            place.Make();
            var begin = clock.GetTimestamp();
            var file = await shelf.FetchAsync(name, place.Folder, either.Token);
            var took = clock.GetElapsedTime(begin);
            report.Phase("snapshot fetched", $"{shelf.PlaceOf(name)} in {Figures.Seconds(took)}");
            report.Figure("download time", MeasureUnit.Seconds, took.TotalSeconds);
            return await verify(file);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ActivityOutcome.Failed($"{shelf.Place} did not give its snapshot within {GoDuration.Format(options.Timeout)}; allow more with timeout:, or look at that server");
        }
        finally
        {
            _ = undo is null ? null : await report.UndoAsync(undo);
        }
    }

    private string? Find(IActivityReport report)
    {
        if (options.File is { } named)
        {
            return named;
        }

        if (options.Folder is not { } folder)
        {
            return taken.Last ?? throw new ClusterException("no etcdSnapshot step of this drill has taken a snapshot; write file:, folder: or bucket:, or take one before");
        }

        // A folder that is not there yet may be made by a step before; now it is too late for that.
        if (!Directory.Exists(folder))
        {
            report.Check("there is a snapshot", false, $"the folder {folder} does not exist");
            return null;
        }

        return Choose(SnapshotFolder.List(folder), folder, report);
    }

    private string? Choose(IReadOnlyList<KeptSnapshot> all, string place, IActivityReport report)
    {
        if (all.Count == 0)
        {
            report.Check("there is a snapshot", false, $"{place} holds none (what ends in {SnapshotName.Ending})");
            return null;
        }

        if (options.Pick == SnapshotPick.Latest)
        {
            return all[0].Name;
        }

        var window = all.Where(s => options.MaxAge is null || client.Clock.GetUtcNow() - s.At <= options.MaxAge).ToList();
        if (window.Count == 0)
        {
            report.Check("there is a snapshot that is young enough", false, $"the youngest of {all.Count} in {place} is from {all[0].At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; allowed are {GoDuration.Format(options.MaxAge!.Value)}");
            return null;
        }

        return window[(int)(_chance * window.Count)].Name;
    }

    private Task<string> UidAsync(CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
        (await client.FindAsync(Resources.Namespaces, null, "kube-system", cancellationToken))?.Metadata.Uid
        ?? throw new ClusterException("this cluster has no namespace kube-system to tell it by; write the uid that the snapshot must hold in cluster:"));
}
