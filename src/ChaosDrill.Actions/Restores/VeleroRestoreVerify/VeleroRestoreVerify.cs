using ChaosDrill.Actions.Restores.RestoredChecks;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.VeleroRestoreVerify;

/// <summary>
/// Restores the chosen backup into a scratch namespace that is closed to the outside, compares every object with the backup,
/// looks at volumes, markers and readiness, and removes everything again. Harms nothing that was there before.
/// </summary>
/// <remarks>
/// Left out are ingresses and routes, jobs and cron jobs, network policies, webhooks and cluster-wide objects; services that
/// reach out are restored as plain ones by Velero 1.12 and later, and left out by older ones.
/// </remarks>
public sealed record VeleroRestoreVerify : StepAction
{
    /// <summary>Namespace of the Velero server.</summary>
    [DnsLabel]
    public string VeleroNamespace { get; init; } = "velero";

    /// <summary>Further kinds to leave out, as Velero names them: <c>horizontalpodautoscalers.autoscaling</c>.</summary>
    public IReadOnlyList<string> LeaveOut { get; init; } = [];

    /// <summary>Whether the restored workloads must become ready; without it only objects are verified.</summary>
    public bool AwaitReady { get; init; } = true;

    /// <summary>How long the workloads may take to become ready, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What else is asked of what was restored, when it is ready: commands, services, files.</summary>
    public IReadOnlyList<RestoredCheck> Checks { get; init; } = [];

    /// <summary>How long the restore may take, volumes included, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the removal of the scratch namespace may take, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan RemovedWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check() => RestoredCheck.Check(Checks);
}
