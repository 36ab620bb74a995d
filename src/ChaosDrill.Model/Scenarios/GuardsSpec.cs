namespace ChaosDrill.Model.Scenarios;

/// <summary>Limits on the blast radius, checked for the plan and again right before each fault, and conditions that stop a drill.</summary>
public sealed record GuardsSpec
{
    /// <summary>The most that one fault may affect: a number, or a percentage of what its selector matches (pods, or nodes).</summary>
    public Amount? MaxAffected { get; init; }

    /// <summary>The most pods that one fault may take away, those of drained or lost nodes included. Pods of daemon sets do not count.</summary>
    [Between("0", "100000")]
    public int? MaxPods { get; init; }

    /// <summary>The most nodes that one fault may touch: a number, or a percentage of all nodes.</summary>
    public Amount? MaxNodes { get; init; }

    /// <summary>The largest share of a namespace's running pods that one fault may take away, in each namespace by itself.</summary>
    public Ratio? MaxOfNamespace { get; init; }

    /// <summary>Ready pods that must remain of each workload that a fault takes pods from, 0 to 10000.</summary>
    [Between("0", "10000")]
    public int? MinReplicas { get; init; }

    /// <summary>The drill is aborted and undone when it runs longer, 1s to 168h.</summary>
    [Between("1s", "168h")]
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Namespaces that may be touched. Without it, the namespace of the scenario, and for faults on nodes whatever else runs
    /// there. Protected ones (kube-*, openshift-*, *-system) are touched only when they are named here.
    /// </summary>
    [DnsLabel]
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Labels that everything a fault touches must carry: its targets, and the pods that it takes away. Pods of daemon sets need not.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Which cluster the scenario is made for; any other is refused. The embedded twin is always allowed.</summary>
    public ClusterGuard? Cluster { get; init; }

    /// <summary>Times of the week in which a fault may begin. Without it, any.</summary>
    public IReadOnlyList<TimeWindow> Windows { get; init; } = [];

    /// <summary>Dates on which no fault may begin.</summary>
    public IReadOnlyList<Freeze> Freezes { get; init; } = [];

    /// <summary>IANA zone in which windows and freezes are read, such as <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; init; } = "Etc/UTC";

    /// <summary>Conditions that abort a running drill.</summary>
    public IReadOnlyList<AbortCondition> AbortWhen { get; init; } = [];
}

/// <summary>Which cluster a scenario is made for. Everything that is given must match.</summary>
public sealed record ClusterGuard
{
    /// <summary>Contexts of the kubeconfig, one of which must be used. Without it, the scenario's own <c>cluster.context</c>, if it names one.</summary>
    public IReadOnlyList<string> Contexts { get; init; } = [];

    /// <summary>Address of the API server, such as <c>https://10.0.0.1:6443</c>.</summary>
    public string? Server { get; init; }

    /// <summary>Uid of the namespace kube-system, which no two clusters share: <c>kubectl get namespace kube-system -o jsonpath={.metadata.uid}</c>.</summary>
    public string? Uid { get; init; }
}

/// <summary>A time of the week, on the clock of the guards' zone. A time that daylight saving leaves out is passed over; one that comes twice is in the window both times.</summary>
public sealed record TimeWindow
{
    /// <summary>Days on which it begins. Without it, every day.</summary>
    public IReadOnlyList<Weekday> Days { get; init; } = [];

    /// <summary>When it begins, as <c>09:00</c>.</summary>
    public required string From { get; init; }

    /// <summary>When it is over, as <c>17:00</c>, at most <c>24:00</c>. Earlier than its beginning is on the next day.</summary>
    public required string To { get; init; }
}

/// <summary>Days of the week.</summary>
public enum Weekday
{
    /// <summary>Sunday.</summary>
    Sun,

    /// <summary>Monday.</summary>
    Mon,

    /// <summary>Tuesday.</summary>
    Tue,

    /// <summary>Wednesday.</summary>
    Wed,

    /// <summary>Thursday.</summary>
    Thu,

    /// <summary>Friday.</summary>
    Fri,

    /// <summary>Saturday.</summary>
    Sat,
}

/// <summary>Dates on which nothing may be broken.</summary>
public sealed record Freeze
{
    /// <summary>The first day, as <c>2026-12-18</c>.</summary>
    public required string From { get; init; }

    /// <summary>The last day, itself included. Without it, the first day alone.</summary>
    public string? To { get; init; }

    /// <summary>Why, for whoever is refused.</summary>
    public string? Reason { get; init; }
}

/// <summary>Aborts the drill when a probe fails without a break for a while.</summary>
public sealed record AbortCondition
{
    /// <summary>Name of a probe of this scenario.</summary>
    public required string Probe { get; init; }

    /// <summary>How long it may fail without a success in between, 1ms to 24h.</summary>
    [Between("1ms", "24h")]
    public required TimeSpan FailingFor { get; init; }
}
