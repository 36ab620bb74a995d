namespace ChaosDrill.Model.Scenarios;

/// <summary>Limits on the blast radius, checked for the plan and again right before each step that touches something, and conditions that stop a drill.</summary>
public sealed record GuardsSpec
{
    /// <summary>The most that one step may affect: a number, or a percentage of what its selector matches.</summary>
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

    /// <summary>Labels that everything a step touches must carry: its targets, and the pods that it takes away. Pods of daemon sets need not, nor what the drill creates.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Which cluster the scenario is made for; any other is refused. The embedded twin is always allowed.</summary>
    public ClusterGuard? Cluster { get; init; }

    /// <summary>
    /// Times in which a step that touches something may begin, written as in <c>schedule</c>: <c>mon-fri 09:00-17:00</c>,
    /// <c>01:00-05:00</c>. A time that daylight saving leaves out is passed over; one that comes twice is in the window both
    /// times. Without it, any.
    /// </summary>
    public IReadOnlyList<WeekWindow> Windows { get; init; } = [];

    /// <summary>Days on which no such step may begin, both ends included: <c>2026-11-27</c>, <c>2026-12-20..2027-01-06</c>.</summary>
    public IReadOnlyList<DateSpan> Freezes { get; init; } = [];

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

/// <summary>Aborts the drill when a probe fails without a break for a while.</summary>
public sealed record AbortCondition
{
    /// <summary>Name of a probe of this scenario.</summary>
    public required string Probe { get; init; }

    /// <summary>How long it may fail without a success in between, 1ms to 24h.</summary>
    [Between("1ms", "24h")]
    public required TimeSpan FailingFor { get; init; }
}
