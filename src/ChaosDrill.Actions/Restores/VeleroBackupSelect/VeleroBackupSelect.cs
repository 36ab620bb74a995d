using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.VeleroBackupSelect;

/// <summary>
/// Selects the Velero backup that later steps restore: the latest good one of a schedule, one by name, or a random one of a
/// window. Refused when there is none, when it is too old, expired, not completed, or its location is unavailable.
/// </summary>
public sealed record VeleroBackupSelect : StepAction
{
    /// <summary>Namespace of the Velero server.</summary>
    [DnsLabel]
    public string VeleroNamespace { get; init; } = "velero";

    /// <summary>The schedule whose backups are looked at.</summary>
    public string? Schedule { get; init; }

    /// <summary>The name of one backup.</summary>
    public string? Backup { get; init; }

    /// <summary>Draws one, by the drill's seed, of the good backups that are not older than this, 1m to 8760h.</summary>
    [Between("1m", "8760h")]
    public TimeSpan? RandomWithin { get; init; }

    /// <summary>The oldest that will do, counted from when Velero began it, 1m to 8760h.</summary>
    [Between("1m", "8760h")]
    public TimeSpan? MaxAge { get; init; }

    /// <inheritdoc />
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (Backup is not null == (Schedule is not null || RandomWithin is not null))
        {
            yield return new OptionProblem("", "a backup is selected either by its name, or of a schedule or a window", "write backup: NAME, or schedule: NAME, or randomWithin: 168h");
        }
    }
}
