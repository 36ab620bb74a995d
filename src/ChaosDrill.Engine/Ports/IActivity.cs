using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Ports;

/// <summary>A step that is no fault: a backup, a restore, a command, a check.</summary>
public interface IActivity
{
    /// <summary>Rights that planning and running need.</summary>
    IReadOnlyList<AccessNeed> Needs { get; }

    /// <summary>The same rights for an activity that has to ask the cluster first, for instance how a kind is called in rules.</summary>
    Task<IReadOnlyList<AccessNeed>> NeedsAsync(CancellationToken cancellationToken) => Task.FromResult(Needs);

    /// <summary>How long what it changes may last before the engine puts it back by itself; null until the end of the drill.</summary>
    TimeSpan? MaxDuration => null;

    /// <summary>Finds out what it would do, without touching anything.</summary>
    /// <param name="random">The seeded source of every choice.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken);

    /// <summary>
    /// Does it. Whatever it sees goes into the report as it is seen; a finding that does not hold, or cannot be known, decides
    /// the step's outcome even when this returns <see cref="ActivityOutcome.Done"/>.
    /// </summary>
    /// <exception cref="ClusterException">It could not be carried out, which says nothing of the subject: the drill is inconclusive.</exception>
    Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken);
}

/// <summary>What an activity would do.</summary>
/// <param name="Summary">In one line.</param>
/// <param name="Targets">What it would touch, in order; empty when it only looks.</param>
/// <param name="Undo">How it is undone, in words; null when it changes nothing.</param>
/// <param name="Refusals">What stands in the way.</param>
public sealed record ActivityPlan(string Summary, IReadOnlyList<Target> Targets, string? Undo, IReadOnlyList<Refusal> Refusals)
{
    /// <summary>How many objects its selector matches, of which the targets are chosen; 0 when it names them itself.</summary>
    public int Candidates { get; init; }

    /// <summary>Everything that is touched, with what guards ask of it. Without it, only the targets, of whose labels nothing is known.</summary>
    public IReadOnlyList<Touched> Touches { get => field ?? [.. Targets.Select(t => new Touched(t))]; init; }

    /// <summary>The same in the form that guards ask about. What was not chosen by labels is no share of anything.</summary>
    internal FaultPlan Blast => new(Summary, Candidates > 0 ? Targets : [], Candidates, Undo, Refusals) { Touches = Touches };
}

/// <summary>How an activity ended.</summary>
/// <param name="Outcome">As the step's end is recorded.</param>
/// <param name="Reason">Why, unless it is done.</param>
public sealed record ActivityOutcome(StepOutcome Outcome, string? Reason)
{
    /// <summary>It did what it should.</summary>
    public static ActivityOutcome Done { get; } = new(StepOutcome.Done, null);

    /// <summary>Its subject was seen to fail: the drill fails.</summary>
    /// <param name="detail">What was seen, and where to look.</param>
    public static ActivityOutcome Failed(string detail) => new(StepOutcome.Disproved, detail);

    /// <summary>It could not be known: the drill is inconclusive.</summary>
    /// <param name="detail">What kept it from being known.</param>
    public static ActivityOutcome Unknown(string detail) => new(StepOutcome.NotProved, detail);
}

/// <summary>Where an activity says what it does and finds.</summary>
/// <remarks>Thread-safe.</remarks>
public interface IActivityReport : IStepReport
{
    /// <summary>
    /// Goes a recorded way back now, because what it was for is over. What cannot be put back now is tried again at the end of the drill.
    /// </summary>
    /// <returns>Null when it is put back; otherwise what is not.</returns>
    Task<string?> UndoAsync(UndoRecord undo);

    /// <summary>A phase is reached.</summary>
    /// <param name="phase">Its name, the same in every drill of the kind.</param>
    /// <param name="detail">On what, in words.</param>
    /// <param name="timestamp">When, by the drill's <see cref="TimeProvider.GetTimestamp"/>; null is now.</param>
    /// <param name="subject">Which of several things that the activity works on at once; null when there is one.</param>
    void Phase(string phase, string? detail = null, long? timestamp = null, string? subject = null);

    /// <summary>Something was looked at that must hold.</summary>
    /// <param name="check">What must hold.</param>
    /// <param name="held">Whether it does; null when that could not be known.</param>
    /// <param name="evidence">What was seen.</param>
    void Check(string check, bool? held, string evidence);

    /// <summary>A number was measured.</summary>
    /// <param name="name">Its name; one of <see cref="FigureNames"/> when an objective is to read it.</param>
    /// <param name="unit">Unit of all three.</param>
    /// <param name="value">Best estimate.</param>
    /// <param name="low">The truth is not below this; null is <paramref name="value"/>.</param>
    /// <param name="high">The truth is not above this; null is <paramref name="value"/>.</param>
    /// <param name="subject">Which of several things that the activity works on at once; null when there is one.</param>
    void Figure(string name, MeasureUnit unit, double value, double? low = null, double? high = null, string? subject = null);

    /// <summary>A number could not be had.</summary>
    void FigureUnknown(string name, MeasureUnit unit, string why, string? subject = null);

    /// <summary>Anything else worth a line.</summary>
    void Note(string text);
}
