using ChaosDrill.Model.Plans;

namespace ChaosDrill.Engine.Ports;

/// <summary>A deliberate harm. It knows its targets, its rights, and how to prove that it took effect.</summary>
public interface IFault
{
    /// <summary>Whether it takes the scenario's namespace away, and the roles in it: every right there is then needed in the whole cluster.</summary>
    bool LosesNamespace => false;

    /// <summary>Rights that planning and injecting need.</summary>
    IReadOnlyList<AccessNeed> Needs { get; }

    /// <summary>The same rights for a fault that has to ask the cluster first, for instance how a kind is called in rules.</summary>
    Task<IReadOnlyList<AccessNeed>> NeedsAsync(CancellationToken cancellationToken) => Task.FromResult(Needs);

    /// <summary>How long what it changes may last before the engine puts it back by itself; null until the end of the drill.</summary>
    TimeSpan? MaxDuration => null;

    /// <summary>Chooses the targets without touching anything.</summary>
    /// <param name="random">The seeded source; the same seed on the same cluster chooses the same targets.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken);

    /// <summary>
    /// Harms the planned targets and waits until the effect was seen on each, or its own limit has passed.
    /// Reports every request before it leaves and every effect with the instant of its observation.
    /// </summary>
    /// <exception cref="ClusterException">A request was refused.</exception>
    Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken);
}

/// <summary>What a fault would do.</summary>
/// <param name="Summary">In one line.</param>
/// <param name="Targets">What would be touched, in order.</param>
/// <param name="Candidates">How many objects the selector matches; the base of a percentage guard.</param>
/// <param name="Undo">How it is undone, in words.</param>
/// <param name="Refusals">What stands in the way, seen from this fault.</param>
public sealed record FaultPlan(
    string Summary, IReadOnlyList<Target> Targets, int Candidates, string? Undo, IReadOnlyList<Refusal> Refusals)
{
    /// <summary>
    /// Everything that is touched, the targets included, with what guards ask of it: for a drained node the node itself and
    /// the pods that go with it. Without it, only the targets, of whose labels nothing is known.
    /// </summary>
    public IReadOnlyList<Touched> Touches { get => field ?? [.. Targets.Select(t => new Touched(t))]; init; }

    /// <summary>How many of the candidates it hits, where that is not the number of its targets: a network policy is one target and cuts off many pods.</summary>
    public int Hits { get => field > 0 ? field : Targets.Count; init; }

    /// <summary>What disruption budgets have to say to it.</summary>
    public BudgetSay Budgets { get; init; }
}

/// <summary>What disruption budgets have to say to a fault.</summary>
public enum BudgetSay
{
    /// <summary>Nothing: it takes no pods away, or not in a way that budgets are about.</summary>
    None,

    /// <summary>Pods are evicted: budgets may hold them back.</summary>
    Asked,

    /// <summary>Pods go past their budgets, as they do in an accident.</summary>
    Passed,
}

/// <summary>An object that a step touches.</summary>
/// <param name="Object">Which.</param>
public sealed record Touched(Target Object)
{
    /// <summary>Its labels; null when they are not known.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The workload that a pod belongs to, such as <c>Deployment shop/storefront</c>; null when it has none.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether a pod is ready.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether a pod is a node's own (of a daemon set, or static), so that it goes and comes with its node.</summary>
    public bool IsOfNode { get; init; }

    /// <summary>Whether a pod stays where it is: a command is run in it, or others no longer reach it.</summary>
    public bool Stays { get; init; }

    /// <summary>Whether the drill itself makes the object, so that it takes its labels from nobody.</summary>
    public bool IsNew { get; init; }

    /// <summary>The namespace that is touched with it; of a namespace, that one. Null for other objects of the whole cluster.</summary>
    public string? Place => Object.Kind == "Namespace" ? Object.Name : Object.Namespace;
}

/// <summary>What every step that changes something needs.</summary>
public interface IStepReport
{
    /// <summary>
    /// Writes down the way back from a change, synced to disk, before the change is made. What is returned belongs on the
    /// changed object too, so that the cluster alone suffices.
    /// </summary>
    /// <param name="kind">Which action knows how to go back.</param>
    /// <param name="description">What it puts back, in words.</param>
    /// <param name="payload">What that action needs, as JSON.</param>
    /// <param name="within">How long going back may take on a cluster that answers; null is a minute.</param>
    /// <exception cref="JournalException">It could not be written; the change must not be made.</exception>
    UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within = null);
}

/// <summary>Where a fault says what it does and sees: what any step may say, and what harm it asked for and saw.</summary>
public interface IFaultReport : IActivityReport
{
    /// <summary>Requests are about to leave, one for each target. It is on record when this returns.</summary>
    void Requested(params IReadOnlyList<Target> targets);

    /// <summary>The cluster accepted the request.</summary>
    void Acknowledged(Target target);

    /// <summary>The effect was seen.</summary>
    /// <param name="target">On what.</param>
    /// <param name="evidence">What was seen.</param>
    /// <param name="timestamp">When, by the drill's <see cref="TimeProvider.GetTimestamp"/>.</param>
    void TookEffect(Target target, string evidence, long timestamp);
}
