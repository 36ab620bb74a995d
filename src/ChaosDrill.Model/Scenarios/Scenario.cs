namespace ChaosDrill.Model.Scenarios;

/// <summary>What is expected, what is broken, and what counts as recovered. Written as a YAML file.</summary>
public sealed record Scenario
{
    /// <summary>The form of the file; always <c>chaosdrill.dev/v1</c>.</summary>
    [Exactly("chaosdrill.dev/v1")]
    public required string ApiVersion { get; init; }

    /// <summary>Always <c>Scenario</c>.</summary>
    [Exactly("Scenario")]
    public required string Kind { get; init; }

    /// <summary>Name and labels.</summary>
    public required ScenarioMetadata Metadata { get; init; }

    /// <summary>The scenario itself.</summary>
    public required ScenarioSpec Spec { get; init; }

    /// <summary>Where the scenario was read from and what it said, byte for byte.</summary>
    [NotInFile]
    public ScenarioSource Origin { get; init; } = new("", "", "");
}

/// <summary>The file a scenario came from.</summary>
/// <param name="File">Path as it was given.</param>
/// <param name="Text">The text of the file.</param>
/// <param name="Digest">SHA-256 of the text, in lower-case hex; tells one version of a scenario from another.</param>
public sealed record ScenarioSource(string File, string Text, string Digest);

/// <summary>Name and labels of a scenario.</summary>
public sealed record ScenarioMetadata
{
    /// <summary>Name of the scenario: lower-case letters, digits and <c>-</c>, at most 63 characters. Drill ids begin with it.</summary>
    [DnsLabel]
    public required string Name { get; init; }

    /// <summary>Free labels, such as <c>team</c> and <c>disaster</c>, carried into reports and history.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

/// <summary>What a drill of this scenario does and how it is judged.</summary>
public sealed record ScenarioSpec
{
    /// <summary>The hypothesis in one or two sentences, shown at the head of the report.</summary>
    public string? Description { get; init; }

    /// <summary>Which cluster and namespace the drill acts on.</summary>
    public required ClusterSpec Cluster { get; init; }

    /// <summary>How the twin is furnished when the drill runs on it.</summary>
    public TwinSpec? Twin { get; init; }

    /// <summary>When a worker runs the scenario by itself.</summary>
    public ScheduleSpec? Schedule { get; init; }

    /// <summary>Limits on the blast radius, checked before anything is touched, and conditions that stop a running drill.</summary>
    public GuardsSpec Guards { get; init; } = new();

    /// <summary>The Prometheus that <c>promql</c> probes and objectives ask.</summary>
    public PrometheusSpec? Prometheus { get; init; }

    /// <summary>What is sampled again and again on a fixed timetable.</summary>
    public IReadOnlyList<Probe> Probes { get; init; } = [];

    /// <summary>Entries that are written throughout the drill, to count afterwards what was acknowledged and is lost.</summary>
    public LedgerSpec? Ledger { get; init; }

    /// <summary>What must hold before the first fault and again at the end.</summary>
    public IReadOnlyList<SteadyStateCondition> SteadyState { get; init; } = [];

    /// <summary>What is done, in order.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>What must be met. A drill without an objective cannot pass, so at least one is asked for.</summary>
    public required IReadOnlyList<Objective> Objectives { get; init; }

    /// <summary>How many times the steps are run, 1 to 1000. More than one gives a spread instead of a single value.</summary>
    [Between("1", "1000")]
    public int Repeat { get; init; } = 1;

    /// <summary>Seed of every random choice. Without it a drill draws one and states it in plan and report.</summary>
    public int? Seed { get; init; }

    /// <summary>What keeps its own time, so that the drill cannot run in virtual time; null when nothing does.</summary>
    public string? KeepsRealTime =>
        Steps.FirstOrDefault(s => s.Action.KeepsRealTime) is { } real ? $"{real.Source}: {real.Action.Kind} runs real programs, which keep their own time"
        : Ledger is { KeepsRealTime: true } ? "spec.ledger writes into a real etcd, which keeps its own time"
        : Prometheus is not null ? "spec.prometheus is a real one, which keeps its own time"
        : null;

    /// <summary>Position of the step with a name, from 0; -1 when there is none.</summary>
    public int StepNamed(string name)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            if (Steps[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>The cluster a drill acts on.</summary>
public sealed record ClusterSpec
{
    /// <summary>Context of the kubeconfig. Without it, and without <c>--context</c>, the drill runs on the twin.</summary>
    public string? Context { get; init; }

    /// <summary>Namespace of the targets, probes and workloads.</summary>
    [DnsLabel]
    public required string Namespace { get; init; }
}

/// <summary>How the twin is furnished.</summary>
public sealed record TwinSpec
{
    /// <summary>How many nodes it has, 1 to 5000.</summary>
    [Between("1", "5000")]
    public int Nodes { get; init; } = 3;

    /// <summary>How many members of a real etcd on this machine's loopback keep its objects, 0 to 5; with 0 they are in memory. Needs the programs etcd and etcdctl.</summary>
    [Between("0", "5")]
    public int Etcd { get; init; }

    /// <summary>Whether Velero is installed on it, in the namespace <c>velero</c>.</summary>
    public bool Velero { get; init; }

    /// <summary>
    /// Name of a second twin beside it, which steps and probes name as a context: with as many nodes and nothing in it, and with
    /// a Velero of its own that reads the same bucket.
    /// </summary>
    [DnsLabel]
    public string? Beside { get; init; }

    /// <summary>Manifests it starts with; paths are relative to the scenario file.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];
}

/// <summary>When a worker runs the scenario by itself.</summary>
public sealed record ScheduleSpec
{
    /// <summary>
    /// Five fields: minute, hour, day of month, month, day of week. Where the clock is put forward, a time that is left out
    /// runs once, at the first moment after it. Where the clock is put back, a time that comes twice runs the first time;
    /// only where minute or hour is written with <c>*</c>, a range or a step does it run both times.
    /// </summary>
    public required string Cron { get; init; }

    /// <summary>IANA zone in which the cron fields, <c>freezes</c> and <c>windows</c> are read, such as <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; init; } = "Etc/UTC";

    /// <summary>What becomes of a run whose time has passed while no worker was there.</summary>
    public MissedRun Missed { get; init; } = MissedRun.Skip;

    /// <summary>The start is put off by up to this, 0s to 12h; how much follows from the scenario's name and the time.</summary>
    [Between("0s", "12h")]
    public TimeSpan Jitter { get; init; }

    /// <summary>While which other drills of the workers a run is left out.</summary>
    public Concurrency Concurrency { get; init; } = Concurrency.Namespace;

    /// <summary>Days without runs, both ends included: <c>2026-11-27</c>, <c>2026-12-20..2027-01-06</c>.</summary>
    public IReadOnlyList<DateSpan> Freezes { get; init; } = [];

    /// <summary>
    /// Runs are left out but in these windows: <c>mon-fri 09:00-17:00</c>, <c>sat,sun 00:00-24:00</c>. Hours that end
    /// before they begin reach into the next day.
    /// </summary>
    public IReadOnlyList<WeekWindow> Windows { get; init; } = [];

    /// <summary>Why no run may start at a time of the clock on the wall in <see cref="TimeZone"/>; null when one may.</summary>
    public string? Closed(DateTime wall) =>
        Freezes.FirstOrDefault(f => f.Holds(DateOnly.FromDateTime(wall))) is { } frozen ? $"{frozen} is frozen"
        : Windows.Count > 0 && !Windows.Any(w => w.Holds(wall)) ? $"it is outside of {string.Join(" and ", Windows)}"
        : null;
}

/// <summary>While which other drills of the workers a scheduled run is left out.</summary>
public enum Concurrency
{
    /// <summary>Those in the same namespace of the same cluster.</summary>
    Namespace,

    /// <summary>Those anywhere in the same cluster.</summary>
    Cluster,
}

/// <summary>What becomes of a scheduled run whose time has passed unserved.</summary>
public enum MissedRun
{
    /// <summary>It is left out.</summary>
    Skip,

    /// <summary>It is run once, however many were missed.</summary>
    RunOnce,
}

/// <summary>Marks a member that a scenario file cannot set.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotInFileAttribute : Attribute;

/// <summary>A place in a scenario file.</summary>
/// <param name="File">Path as it was given.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public sealed record SourcePosition(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>, as editors and compilers write it.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}
