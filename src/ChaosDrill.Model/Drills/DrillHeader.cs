using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Model.Drills;

/// <summary>What is known of a drill before it starts: enough to judge and report its timeline without anything else.</summary>
public sealed record DrillHeader
{
    /// <summary>Version of the stored form; readers keep understanding the older ones.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Id of the drill: scenario name, UTC start, four characters.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>The scenario's hypothesis.</summary>
    public string? Description { get; init; }

    /// <summary>The scenario's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Text of the scenario file.</summary>
    public required ScenarioSource Source { get; init; }

    /// <summary>Wall-clock start, read once; every instant of the timeline counts from here on the monotonic clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>IANA name of the zone that people here read times in.</summary>
    public string TimeZone { get; init; } = "Etc/UTC";

    /// <summary>ChaosDrill's version.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Process that runs the drill, to tell a live drill from one whose process died.</summary>
    public DrillProcess? Process { get; init; }

    /// <summary>Whether the drill ran in the twin's virtual time.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>The plan that was carried out.</summary>
    public required Plan Plan { get; init; }

    /// <summary>SHA-256 of the saved plan that this one had to match; null when none was demanded.</summary>
    public string? ApprovedPlan { get; init; }

    /// <summary>Timetables of the probes.</summary>
    public required IReadOnlyList<ProbeTimetable> Probes { get; init; }

    /// <summary>Names of the alerts that the drill is expected to set off; null when alerts are not looked at.</summary>
    public IReadOnlyList<string>? ExpectedAlerts { get; init; }

    /// <summary>For each <c>awaitRecovery</c> step, what it waits for.</summary>
    public required IReadOnlyList<RecoveryAwait> Awaits { get; init; }

    /// <summary>What must be met.</summary>
    public required IReadOnlyList<ObjectiveGoal> Objectives { get; init; }

    /// <summary>What must hold before and after: <c>deployment/storefront</c>, <c>probe/storefront</c>.</summary>
    public required IReadOnlyList<WorkloadReference> SteadyState { get; init; }
}

/// <summary>The process that runs a drill.</summary>
/// <param name="Host">Host name.</param>
/// <param name="Id">Process id.</param>
/// <param name="StartTicks">Start time of the process as the kernel states it, so that a reused id is not taken for it.</param>
public sealed record DrillProcess(string Host, int Id, long StartTicks);

/// <summary>A probe's name and rhythm.</summary>
/// <param name="Name">Name.</param>
/// <param name="Summary">What it asks, in one line.</param>
/// <param name="Every">Time from one sample to the next.</param>
/// <param name="Timeout">Limit of one sample.</param>
public sealed record ProbeTimetable(string Name, string Summary, TimeSpan Every, TimeSpan Timeout)
{
    /// <summary>Name under which looks at the alerts are sampled; no probe of a scenario can be called so.</summary>
    public const string Alerts = "alerts of Prometheus";
}

/// <summary>An <c>awaitRecovery</c> step.</summary>
/// <param name="Step">Position in the scenario, from 0.</param>
/// <param name="Of">What must hold.</param>
/// <param name="StableFor">For how long without a break.</param>
/// <param name="Timeout">How long is waited.</param>
public sealed record RecoveryAwait(int Step, IReadOnlyList<WorkloadReference> Of, TimeSpan StableFor, TimeSpan Timeout);
