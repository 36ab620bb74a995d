using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
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

        var which = options.File ?? (options.Folder is null
            ? "the snapshot that this drill takes"
            : $"{(options.Pick == SnapshotPick.Latest ? "the youngest snapshot" : "a snapshot by chance")} of {options.Folder}{(Directory.Exists(options.Folder) ? "" : " (not there yet)")}");
        return new ActivityPlan(
            $"restore {which} into a scratch etcd of {(options.Members == 1 ? "1 member" : $"{options.Members} members")} on this machine's loopback and verify it",
            [], "end the scratch etcd and remove its folder", refusals);
    }

    public async Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken)
    {
        var tools = await EtcdTools.FindAsync(options.Bin, client.Clock, cancellationToken);
        if (Find(report) is not { } file)
        {
            return ActivityOutcome.Done;
        }

        var uid = options.Cluster == "this" ? await UidAsync(cancellationToken) : options.Cluster;
        report.Note($"{file} is verified");
        return await new RestoreVerification(tools, client.Clock).RunAsync(
            new VerificationRequest(file, options.MaxAge, uid, options.Members, Scratch, options.Timeout, options.WithoutNote), report, cancellationToken);
    }

    private string? Find(IActivityReport report)
    {
        if (options.File is { } named)
        {
            return named;
        }

        if (options.Folder is not { } folder)
        {
            return taken.Last ?? throw new ClusterException("no etcdSnapshot step of this drill has taken a snapshot; write file: or folder:, or take one before");
        }

        // A folder that is not there yet may be made by a step before; now it is too late for that.
        if (!Directory.Exists(folder))
        {
            report.Check("there is a snapshot", false, $"the folder {folder} does not exist");
            return null;
        }

        var all = SnapshotFolder.List(folder);
        if (all.Count == 0)
        {
            report.Check("there is a snapshot", false, $"{folder} holds none (files that end in .db)");
            return null;
        }

        if (options.Pick == SnapshotPick.Latest)
        {
            return all[0].Path;
        }

        var window = all.Where(s => options.MaxAge is null || client.Clock.GetUtcNow() - s.At <= options.MaxAge).ToList();
        if (window.Count == 0)
        {
            report.Check("there is a snapshot that is young enough", false, $"the youngest of {all.Count} in {folder} is from {all[0].At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; allowed are {GoDuration.Format(options.MaxAge!.Value)}");
            return null;
        }

        return window[(int)(_chance * window.Count)].Path;
    }

    private Task<string> UidAsync(CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
        (await client.FindAsync(Resources.Namespaces, null, "kube-system", cancellationToken))?.Metadata.Uid
        ?? throw new ClusterException("this cluster has no namespace kube-system to tell it by; write the uid that the snapshot must hold in cluster:"));
}
