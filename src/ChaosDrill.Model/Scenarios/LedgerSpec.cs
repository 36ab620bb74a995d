using System.Text.Json.Serialization;

namespace ChaosDrill.Model.Scenarios;

/// <summary>
/// Numbered entries that are written on a fixed timetable from before the first step until the last one is over and undone,
/// whether or not the cluster takes them. Read back then: what was acknowledged and is missing is lost.
/// </summary>
public sealed record LedgerSpec
{
    /// <summary>Time from one entry to the next, 10ms to 1h: as finely can a loss be told. A slow answer never delays the next entry.</summary>
    [Between("10ms", "1h")]
    public TimeSpan Every { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>An entry without an answer after this long may be there or not, 10ms to 5m; it counts neither as lost nor as kept.</summary>
    [Between("10ms", "5m")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the entries are written.</summary>
    public LedgerPlace In { get; init; } = LedgerPlace.ConfigMap;

    /// <summary>With <c>in: etcd</c>: addresses of members, such as <c>https://10.0.0.1:2379</c>. On the twin they are known.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>With <c>in: etcd</c>: where a distribution keeps endpoint and certificates on a control-plane node, <c>kubeadm</c> or <c>k3s</c>. Fields beside it win.</summary>
    public string? Preset { get; init; }

    /// <summary>With <c>in: etcd</c>: file of the authority that signed the members' certificates.</summary>
    public string? Ca { get; init; }

    /// <summary>With <c>in: etcd</c>: file of the client certificate.</summary>
    public string? Cert { get; init; }

    /// <summary>With <c>in: etcd</c>: file of its key.</summary>
    public string? Key { get; init; }

    /// <summary>Whether it speaks with programs that keep real time, so that it cannot be rehearsed in virtual time.</summary>
    [NotInFile]
    [JsonIgnore]
    public bool KeepsRealTime => In == LedgerPlace.Etcd;

    /// <summary>What is wrong with the fields beyond their types; empty when nothing is.</summary>
    public IEnumerable<OptionProblem> Check()
    {
        if (In != LedgerPlace.Etcd && (Endpoints.Count > 0 || (Preset ?? Ca ?? Cert ?? Key) is not null))
        {
            yield return new OptionProblem("in", "endpoints, preset and certificates are for a ledger in etcd", "write in: etcd, or leave them out");
        }

        foreach (var problem in EtcdFields.Check(Endpoints, Preset, Cert, Key))
        {
            yield return problem;
        }
    }
}

/// <summary>Where the ledger's entries are written.</summary>
public enum LedgerPlace
{
    /// <summary>Config maps in the scenario's namespace, through the API: they are lost and restored with the namespace.</summary>
    ConfigMap,

    /// <summary>Keys of etcd itself, past the API server: they are lost and restored with etcd.</summary>
    Etcd,
}
