using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.EtcdSnapshot;

/// <summary>
/// Takes a snapshot of one healthy etcd member, proves that it is whole, and keeps it with its digest. A random marker is
/// written before it and another after it, so that a restore can be told from any other; both are taken out of etcd again.
/// </summary>
public sealed record EtcdSnapshot : StepAction
{
    /// <summary>Addresses of members, such as <c>https://10.0.0.1:2379</c>. The leader is asked, or else the first that is healthy.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Where a distribution keeps endpoint and certificates on a control-plane node: <c>kubeadm</c> or <c>k3s</c>. Fields beside it win.</summary>
    public string? Preset { get; init; }

    /// <summary>File of the authority that signed the members' certificates.</summary>
    public string? Ca { get; init; }

    /// <summary>File of the client certificate.</summary>
    public string? Cert { get; init; }

    /// <summary>File of its key.</summary>
    public string? Key { get; init; }

    /// <summary>Folder that snapshots are kept in; made when it is not there. Without it the drill's own, which is removed when the drill ends.</summary>
    public string? Folder { get; init; }

    /// <summary>Bucket that the snapshot is put into as well, and read back from. Without a folder it is kept there alone.</summary>
    public SnapshotBucket? Bucket { get; init; }

    /// <summary>How many snapshots of drills are kept in the folder and in the bucket, 1 to 10000; older ones are removed once the new one has been proved. Without it all are.</summary>
    [Between("1", "10000")]
    public int? Keep { get; init; }

    /// <summary>How long taking it may last, and as long again putting it into the bucket, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

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
        foreach (var problem in EtcdFields.Check(Endpoints, Preset, Cert, Key))
        {
            yield return problem;
        }

        foreach (var problem in Bucket?.Check() ?? [])
        {
            yield return problem;
        }

        if (Keep is not null && Folder is null && Bucket is null)
        {
            yield return new OptionProblem("keep", "there is nothing to keep without a folder or a bucket", "write folder: DIR or bucket: { name: NAME }, or leave keep out");
        }
    }
}
