using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.EtcdRestoreVerify;

/// <summary>Which snapshot of a folder is taken.</summary>
public enum SnapshotPick
{
    /// <summary>The youngest.</summary>
    Latest,

    /// <summary>One by chance, of those that are young enough.</summary>
    Random,
}

/// <summary>
/// Restores an etcd snapshot into a scratch etcd on this machine's loopback and proves that it is the snapshot's content;
/// then nothing is left of it. Harms nothing: neither the cluster nor its etcd is touched.
/// </summary>
public sealed record EtcdRestoreVerify : StepAction
{
    /// <summary>The snapshot file. Without it, without a folder and without a bucket, the snapshot that this drill took.</summary>
    public string? File { get; init; }

    /// <summary>Folder to take one from: files that end in <c>.db</c>.</summary>
    public string? Folder { get; init; }

    /// <summary>Bucket to take one from: objects that end in <c>.db</c>. It is fetched into the scratch folder first.</summary>
    public SnapshotBucket? Bucket { get; init; }

    /// <summary>Which of the folder or the bucket: <c>latest</c> or <c>random</c>.</summary>
    public SnapshotPick Pick { get; init; } = SnapshotPick.Latest;

    /// <summary>The oldest that its content may be, 1ms to 8760h; an older one fails.</summary>
    [Between("1ms", "8760h")]
    public TimeSpan? MaxAge { get; init; }

    /// <summary>
    /// Whether it may be a snapshot that no drill took, so that no note lies beside it: what is restored is then held against
    /// the file alone, and a value that was changed in the file, with its checksum made anew, cannot be told. Without it such a
    /// snapshot is inconclusive.
    /// </summary>
    public bool WithoutNote { get; init; }

    /// <summary>The cluster that it must be of: <c>this</c>, which is the drill's, or the uid of a cluster's namespace kube-system.</summary>
    public string? Cluster { get; init; }

    /// <summary>How many members it is restored into, 1 or 3.</summary>
    [Between("1", "3")]
    public int Members { get; init; } = 1;

    /// <summary>How long restoring and verifying may last, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Folder that the scratch folder is made in. Without it the system's temporary folder.</summary>
    public string? Scratch { get; init; }

    /// <summary>Folder of etcd's programs. Without it they are looked up in PATH.</summary>
    public string? Bin { get; init; }

    /// <inheritdoc />
    [NotInFile]
    public override bool IsFault => false;

    /// <inheritdoc />
    [NotInFile]
    public override bool KeepsRealTime => true;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (new object?[] { File, Folder, Bucket }.Count(place => place is not null) > 1)
        {
            yield return new OptionProblem(Bucket is null ? "folder" : "bucket", "a snapshot is named by its file, or looked for in a folder or in a bucket", "write one of file, folder and bucket");
        }

        foreach (var problem in Bucket?.Check() ?? [])
        {
            yield return problem;
        }

        if (Members == 2)
        {
            yield return new OptionProblem("members", "two members are no better than one", "write members: 1 or members: 3");
        }
    }
}
