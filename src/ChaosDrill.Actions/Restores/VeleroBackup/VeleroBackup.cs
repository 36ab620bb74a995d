using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.VeleroBackup;

/// <summary>
/// Makes a Velero backup of the scenario's namespace and waits for its end; markers of this run are planted before it and
/// after it. The backup is not undone, because a namespace may depend on it: Velero deletes it when its <c>ttl</c> is over.
/// </summary>
public sealed record VeleroBackup : StepAction
{
    /// <summary>Namespace of the Velero server.</summary>
    [DnsLabel]
    public string VeleroNamespace { get; init; } = "velero";

    /// <summary>Where to keep it; without it, Velero's default location.</summary>
    public string? StorageLocation { get; init; }

    /// <summary>Whether volumes are copied file by file instead of by snapshots.</summary>
    public bool VolumesByFiles { get; init; }

    /// <summary>Volumes in which a marker file is planted before the backup and another after it: a restore must bring back the bytes of the first, and not the second.</summary>
    public IReadOnlyList<VolumeMarkerPlace> VolumeMarkers { get; init; } = [];

    /// <summary>After this time Velero deletes it by itself, 10m to 8760h.</summary>
    [Between("10m", "8760h")]
    public TimeSpan Ttl { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long it may take, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <inheritdoc />
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => VolumeMarkers.SelectMany((place, i) => place.Check($"volumeMarkers[{i}]"));
}
