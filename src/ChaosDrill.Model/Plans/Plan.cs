namespace ChaosDrill.Model.Plans;

/// <summary>A scenario resolved against a cluster: every target, right, limit and undo, before anything is touched.</summary>
public sealed record Plan
{
    /// <summary>Name of the scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>SHA-256 of the scenario's text.</summary>
    public required string ScenarioDigest { get; init; }

    /// <summary>The scenario's file, as it was named.</summary>
    public string? ScenarioFile { get; init; }

    /// <summary>The cluster that was looked at.</summary>
    public required ClusterIdentity Cluster { get; init; }

    /// <summary>Namespace of the drill.</summary>
    public required string Namespace { get; init; }

    /// <summary>Uid of the namespace: no other one, here or in another cluster, has it. Null when there is no such namespace.</summary>
    public string? NamespaceUid { get; init; }

    /// <summary>Seed of every random choice; the same seed on the same cluster chooses the same targets.</summary>
    public required int Seed { get; init; }

    /// <summary>How often the steps are run. Targets are those of the first run; later runs choose anew from the same seed.</summary>
    public required int Repeat { get; init; }

    /// <summary>The steps in order.</summary>
    public required IReadOnlyList<PlannedStep> Steps { get; init; }

    /// <summary>What the ledger writes, where and how often, in one line; null when the scenario has none.</summary>
    public string? Ledger { get; init; }

    /// <summary>The guards that hold for the whole drill: namespace, cluster, time.</summary>
    public IReadOnlyList<GuardCheck> Guards { get; init; } = [];

    /// <summary>Every right that the drill needs, and whether the cluster grants it.</summary>
    public required IReadOnlyList<AccessDecision> Access { get; init; }

    /// <summary>Everything that stands in the way; empty when the drill may start.</summary>
    public required IReadOnlyList<Refusal> Refusals { get; init; }

    /// <summary>Name of a step; of the ledger, which writes beside all of them, for <see cref="PlannedStep.Ledger"/>.</summary>
    /// <param name="step">Position in the scenario, from 0.</param>
    public string StepName(int step) => Steps.FirstOrDefault(s => s.Index == step)?.Name ?? (step == PlannedStep.Ledger ? "ledger" : $"step {step + 1}");
}

/// <summary>Which cluster this is.</summary>
/// <param name="Name">The kubeconfig's context, or <c>twin</c>.</param>
/// <param name="Server">Address of the API server.</param>
/// <param name="Version">What the server says its version is, such as <c>v1.36.2</c>.</param>
/// <param name="IsTwin">Whether it is the embedded cluster.</param>
public sealed record ClusterIdentity(string Name, string Server, string Version, bool IsTwin);

/// <summary>One step of a plan.</summary>
public sealed record PlannedStep
{
    /// <summary>Stands for the ledger where a step's position is asked for.</summary>
    public const int Ledger = -2;

    /// <summary>Position in the scenario, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Name of the step.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of the step, such as <c>podKill</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What the step would do, in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>What it would touch, in order.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>How many objects its selector matches, of which the targets are chosen.</summary>
    public int Candidates { get; init; }

    /// <summary>The pods that go with the targets, such as those of a drained node.</summary>
    public IReadOnlyList<Target> Affected { get; init; } = [];

    /// <summary>How it is undone; null when the step changes nothing.</summary>
    public string? Undo { get; init; }

    /// <summary>The blast radius against each guard.</summary>
    public IReadOnlyList<GuardCheck> Guards { get; init; } = [];

    /// <summary>What disruption budgets and the room on other nodes would make of it.</summary>
    public IReadOnlyList<Forecast> Forecasts { get; init; } = [];
}

/// <summary>One object that a step would touch.</summary>
/// <param name="Kind">Kubernetes kind, such as <c>Pod</c>.</param>
/// <param name="Namespace">Its namespace; null for cluster-wide kinds.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid: a namesake with another uid is not this object.</param>
/// <param name="Detail">Where it runs or what owns it.</param>
public sealed record Target(string Kind, string? Namespace, string Name, string Uid, string? Detail = null)
{
    /// <summary><c>Pod shop/storefront-1</c>.</summary>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}

/// <summary>A right that a drill needs, in the words of Kubernetes RBAC.</summary>
/// <param name="Verb">Such as <c>delete</c>.</param>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resource">Plural, with a subresource after a slash: <c>services/proxy</c>.</param>
/// <param name="Namespace">Namespace; null for cluster-wide.</param>
/// <param name="Why">What needs it.</param>
/// <param name="Name">The one object that it is needed for; null for any of them.</param>
public sealed record AccessNeed(string Verb, string Group, string Resource, string? Namespace, string Why, string? Name = null)
{
    /// <summary>The context of the cluster in which it is needed; null is the drill's own.</summary>
    public string? Context { get; init; }

    /// <summary>The right as kubectl writes it, for example <c>delete deployments.apps "web" in namespace shop</c>.</summary>
    public override string ToString() =>
        $"{Verb} {Resource}{(Group.Length == 0 ? "" : "." + Group)}{(Name is null ? "" : $" \"{Name}\"")}{(Namespace is null ? " in the whole cluster" : $" in namespace {Namespace}")}{(Context is null ? "" : $" of {Context}")}";
}

/// <summary>Whether a right is granted.</summary>
/// <param name="Need">The right.</param>
/// <param name="Granted">What the cluster answered.</param>
/// <param name="Reason">The cluster's reason, if it gave one.</param>
public sealed record AccessDecision(AccessNeed Need, bool Granted, string? Reason);

/// <summary>What is to be expected of a step, found without doing it.</summary>
/// <param name="Topic">What it is about: <c>budget</c>, <c>eviction</c> or <c>capacity</c>.</param>
/// <param name="Outlook">How it looks.</param>
/// <param name="Message">What was found.</param>
/// <param name="Mend">What to change, where something stands in the way.</param>
public sealed record Forecast(string Topic, Outlook Outlook, string Message, string? Mend = null);

/// <summary>How something looks before it is tried.</summary>
public enum Outlook
{
    /// <summary>It will go.</summary>
    Fine,

    /// <summary>It will be slow, or harm more than it should.</summary>
    Warning,

    /// <summary>It cannot be known beforehand.</summary>
    Unknown,

    /// <summary>It can never be done: the drill is refused.</summary>
    Impossible,
}

/// <summary>What a guard found.</summary>
/// <param name="Guard">Its field in the scenario's guards.</param>
/// <param name="Limit">What it allows.</param>
/// <param name="Found">What there is.</param>
/// <param name="Holds">Whether that is within the limit.</param>
/// <param name="Message">What is wrong; null when it holds.</param>
/// <param name="Mend">What to change; null when it holds.</param>
public sealed record GuardCheck(string Guard, string Limit, string Found, bool Holds, string? Message = null, string? Mend = null)
{
    /// <summary>The same, without a complaint when there is nothing to complain of.</summary>
    public static GuardCheck Of(string guard, string limit, string found, bool holds, string message, string mend) =>
        holds ? new(guard, limit, found, true) : new(guard, limit, found, false, message, mend);
}

/// <summary>Something that keeps a drill from starting.</summary>
/// <param name="Kind">What sort of obstacle it is; decides the exit code.</param>
/// <param name="Message">What is wrong and where.</param>
/// <param name="Mend">What to change.</param>
/// <param name="Source">Where the scenario says so, if it does.</param>
public sealed record Refusal(RefusalKind Kind, string Message, string Mend, Scenarios.SourcePosition? Source = null);

/// <summary>Sorts of obstacles.</summary>
public enum RefusalKind
{
    /// <summary>A guard forbids it.</summary>
    Guard,

    /// <summary>A right is missing.</summary>
    Access,

    /// <summary>Something that the scenario names is not there: a namespace, a workload, a service.</summary>
    Missing,

    /// <summary>The selector matches nothing, so nothing could be learnt: the drill is inconclusive.</summary>
    NoTargets,

    /// <summary>Another drill holds the cluster.</summary>
    Locked,

    /// <summary>The cluster no longer matches a saved plan.</summary>
    PlanChanged,
}
