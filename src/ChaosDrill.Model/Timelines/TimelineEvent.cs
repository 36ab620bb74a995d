using System.Text.Json.Serialization;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Model.Timelines;

/// <summary>One entry of a drill's timeline.</summary>
/// <param name="Sequence">Order of recording, from 1, without holes.</param>
/// <param name="At">Time since the drill's start on its monotonic clock: the instant of the act or observation itself.</param>
/// <param name="Event">What was done or seen.</param>
public sealed record TimelineEntry(long Sequence, TimeSpan At, TimelineEvent Event);

/// <summary>Something done or observed in a drill. The closed set of its kinds is the language of a stored timeline.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StageEntered), "stage")]
[JsonDerivedType(typeof(StepStarted), "stepStarted")]
[JsonDerivedType(typeof(StepEnded), "stepEnded")]
[JsonDerivedType(typeof(FaultRequested), "faultRequested")]
[JsonDerivedType(typeof(FaultAcknowledged), "faultAcknowledged")]
[JsonDerivedType(typeof(FaultTookEffect), "faultTookEffect")]
[JsonDerivedType(typeof(PhaseReached), "phase")]
[JsonDerivedType(typeof(CheckMade), "check")]
[JsonDerivedType(typeof(AlertSeen), "alert")]
[JsonDerivedType(typeof(FigureMeasured), "figure")]
[JsonDerivedType(typeof(ObjectiveMeasured), "objective")]
[JsonDerivedType(typeof(LedgerWritten), "ledgerWritten")]
[JsonDerivedType(typeof(LedgerRead), "ledgerRead")]
[JsonDerivedType(typeof(WorkloadObserved), "workload")]
[JsonDerivedType(typeof(PodObserved), "pod")]
[JsonDerivedType(typeof(ProbeSampled), "probe")]
[JsonDerivedType(typeof(ProbeSlotMissed), "probeMissed")]
[JsonDerivedType(typeof(ObservationInterrupted), "interrupted")]
[JsonDerivedType(typeof(ObservationGap), "gap")]
[JsonDerivedType(typeof(WatchDelayMeasured), "watchDelay")]
[JsonDerivedType(typeof(SteadyStateChecked), "steadyState")]
[JsonDerivedType(typeof(GuardTripped), "guardTripped")]
[JsonDerivedType(typeof(AbortRequested), "abortRequested")]
[JsonDerivedType(typeof(UndoRecorded), "undoRecorded")]
[JsonDerivedType(typeof(UndoFinished), "undoFinished")]
[JsonDerivedType(typeof(ClusterEventSeen), "clusterEvent")]
[JsonDerivedType(typeof(Note), "note")]
public abstract record TimelineEvent;

/// <summary>The stages that every drill goes through.</summary>
public enum DrillStage
{
    /// <summary>Checks that touch nothing.</summary>
    Preflight,

    /// <summary>Does the steady state hold before the first fault?</summary>
    SteadyStateBefore,

    /// <summary>The steps of the scenario.</summary>
    Steps,

    /// <summary>Changes are put back.</summary>
    Undo,

    /// <summary>Does the steady state hold again?</summary>
    SteadyStateAfter,

    /// <summary>Nothing more is observed.</summary>
    Ended,
}

/// <summary>The drill enters a stage.</summary>
public sealed record StageEntered(DrillStage Stage) : TimelineEvent;

/// <summary>A step begins.</summary>
/// <param name="Step">Position in the scenario, from 0.</param>
/// <param name="Iteration">Which repetition, from 1.</param>
public sealed record StepStarted(int Step, int Iteration) : TimelineEvent;

/// <summary>How a step ended.</summary>
public enum StepOutcome
{
    /// <summary>It did what it should; a fault was seen to take effect.</summary>
    Done,

    /// <summary>A fault was requested but its effect was never seen, or what a step was to find out could not be known.</summary>
    NotProved,

    /// <summary>What the step was to bring about or to find was seen not to be so: a restore that is refused, a check that does not hold.</summary>
    Disproved,

    /// <summary>What it waited for did not come in time.</summary>
    TimedOut,

    /// <summary>It could not be carried out.</summary>
    Failed,

    /// <summary>The drill was stopped in the middle of it.</summary>
    Aborted,
}

/// <summary>A step ends.</summary>
/// <param name="Step">Position in the scenario, from 0.</param>
/// <param name="Iteration">Which repetition, from 1.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why, unless it is done.</param>
public sealed record StepEnded(int Step, int Iteration, StepOutcome Outcome, string? Reason) : TimelineEvent;

/// <summary>A fault is about to be asked of the cluster; recorded before the request leaves.</summary>
public sealed record FaultRequested(int Step, int Iteration, Target Target) : TimelineEvent
{
    /// <summary>Whether the target is the workload itself, and not a pod of it.</summary>
    public bool Hits(Scenarios.WorkloadReference workload) =>
        Target.Name == workload.Name && Target.Kind.Equals(workload.Kind, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The cluster accepted the request. That is no proof of an effect.</summary>
public sealed record FaultAcknowledged(int Step, int Iteration, Target Target) : TimelineEvent;

/// <summary>A fault was seen to have taken effect on a target. Recovery is timed from the first of these.</summary>
/// <param name="Step">Position in the scenario, from 0.</param>
/// <param name="Iteration">Which repetition, from 1.</param>
/// <param name="Target">What was hit.</param>
/// <param name="Evidence">What was seen, in words.</param>
public sealed record FaultTookEffect(int Step, int Iteration, Target Target, string Evidence) : TimelineEvent;

/// <summary>A step that is no fault reached a phase: <c>started</c>, <c>restored</c>, <c>healthy</c>, <c>verified</c>.</summary>
/// <param name="Step">Position in the scenario, from 0.</param>
/// <param name="Iteration">Which repetition, from 1.</param>
/// <param name="Phase">Its name, the same in every drill of the kind.</param>
/// <param name="Detail">On what, in words.</param>
public sealed record PhaseReached(int Step, int Iteration, string Phase, string? Detail = null) : TimelineEvent;

/// <summary>Something that a step looked at and that must hold. One that does not fails the drill; one that cannot be known leaves it inconclusive.</summary>
/// <param name="Step">Position in the scenario, from 0.</param>
/// <param name="Iteration">Which repetition, from 1.</param>
/// <param name="Check">What must hold, such as <c>marker before the snapshot is present</c>.</param>
/// <param name="Held">Whether it held; null when that could not be known.</param>
/// <param name="Evidence">What was seen.</param>
public sealed record CheckMade(int Step, int Iteration, string Check, bool? Held, string Evidence) : TimelineEvent;

/// <summary>A number that a step measured, for objectives and reports.</summary>
/// <param name="Step">Position in the scenario, from 0.</param>
/// <param name="Name">Its name, the same in every drill of the kind; see <see cref="FigureNames"/>.</param>
/// <param name="Unit">Unit of the value.</param>
/// <param name="Value">The value with its bounds and repetition.</param>
public sealed record FigureMeasured(int Step, string Name, Measures.MeasureUnit Unit, Measures.MeasuredValue Value) : TimelineEvent;

/// <summary>What was measured for an objective by asking for it when the steps were done.</summary>
/// <param name="Objective">Position in the scenario, from 0.</param>
/// <param name="Value">The value with its bounds, in the objective's unit.</param>
/// <param name="Evidence">What was asked and what came back.</param>
public sealed record ObjectiveMeasured(int Objective, Measures.MeasuredValue Value, string Evidence) : TimelineEvent;

/// <summary>Names of the phases of a restore, whatever is restored.</summary>
public static class PhaseNames
{
    /// <summary>A person is asked, and waited for.</summary>
    public const string Held = "held";

    /// <summary>The restore begins.</summary>
    public const string RestoreStarted = "restore started";

    /// <summary>The tool says that everything is restored.</summary>
    public const string Restored = "restored";

    /// <summary>What was restored answers.</summary>
    public const string Healthy = "healthy";

    /// <summary>The data was looked at, and is what it should be.</summary>
    public const string Verified = "verified";
}

/// <summary>Names of figures that objectives read.</summary>
public static class FigureNames
{
    /// <summary>Time whose changes are lost, in seconds: from the recovery point to the fault.</summary>
    public const string DataLoss = "data loss";

    /// <summary>Acknowledged entries of the ledger that are missing afterwards, a count.</summary>
    public const string LostEntries = "lost entries";

    /// <summary>The longest time in which no entry of the ledger was acknowledged, beyond its interval, in seconds.</summary>
    public const string WriteOutage = "write outage";

    /// <summary>Share of a backup's objects that are there after the restore as the backup has them.</summary>
    public const string RestoreFidelity = "restore fidelity";

    /// <summary>Age of the backup when its restore began, in seconds, counted from when it was begun.</summary>
    public const string BackupAge = "backup age";
}

/// <summary>What became of writing one entry of the ledger.</summary>
public enum EntryOutcome
{
    /// <summary>It was acknowledged: from here on it may not be lost.</summary>
    Acknowledged,

    /// <summary>It was refused, or never sent: it cannot be there.</summary>
    Refused,

    /// <summary>No answer came, or one that leaves it open: it may be there or not, and is neither lost nor kept.</summary>
    Unanswered,
}

/// <summary>One entry of the ledger.</summary>
/// <param name="Number">Its number on the timetable, from 0; a number that was never due in time is left out.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="AnsweredAt">When the answer came, or was no longer waited for.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record LedgerEntry(long Number, TimeSpan SentAt, TimeSpan AnsweredAt, EntryOutcome Outcome);

/// <summary>Entries of the ledger whose answers came since the last of these, about once a second.</summary>
/// <param name="Iteration">Which repetition, from 1; each has a ledger of its own.</param>
/// <param name="Entries">The entries, by the instant of their answers.</param>
public sealed record LedgerWritten(int Iteration, IReadOnlyList<LedgerEntry> Entries) : TimelineEvent;

/// <summary>The ledger was read back, after everything was put back.</summary>
/// <param name="Iteration">Which repetition, from 1.</param>
/// <param name="Present">Numbers of the entries that are there as they were written; null when the ledger could not be read.</param>
/// <param name="Why">Why it could not be read; null when it could.</param>
public sealed record LedgerRead(int Iteration, IReadOnlyList<NumberRange>? Present, string? Why = null) : TimelineEvent;

/// <summary>Whole numbers without a hole.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The last, itself included.</param>
public sealed record NumberRange(long From, long To)
{
    /// <summary>The ranges that numbers make up, in order.</summary>
    public static IReadOnlyList<NumberRange> Of(IEnumerable<long> numbers)
    {
        var ranges = new List<NumberRange>();
        foreach (var number in numbers.Order())
        {
            if (ranges is [.., var last] && number <= last.To + 1)
            {
                ranges[^1] = last with { To = number };
            }
            else
            {
                ranges.Add(new NumberRange(number, number));
            }
        }

        return ranges;
    }

    /// <summary><c>7</c>, or <c>7 to 9</c>.</summary>
    public override string ToString() => From == To
        ? From.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{From} to {To}");
}

/// <summary>The readiness of a workload, counted from its pods (never from its status) whenever it changes.</summary>
/// <param name="Workload">Which workload.</param>
/// <param name="Desired">Replicas it asks for; null when it does not exist.</param>
/// <param name="Ready">Pods that are Ready and not being deleted.</param>
/// <param name="Pods">Pods that are not being deleted.</param>
public sealed record WorkloadObserved(Scenarios.WorkloadReference Workload, int? Desired, int Ready, int Pods) : TimelineEvent
{
    /// <summary>Whether all desired pods are ready.</summary>
    [JsonIgnore]
    public bool Holds => HoldsAgainst(0);

    /// <summary>Whether all desired pods are ready, and no fewer than a floor: a workload that a fault scaled down is not well because it asks for less.</summary>
    public bool HoldsAgainst(int floor) => Desired is { } desired && Ready >= desired && Ready >= floor;
}

/// <summary>What happened to one pod of a workload.</summary>
public enum PodMilestone
{
    /// <summary>First seen.</summary>
    Created,

    /// <summary>Bound to a node.</summary>
    Scheduled,

    /// <summary>All its containers run.</summary>
    Started,

    /// <summary>Condition Ready became true.</summary>
    Ready,

    /// <summary>Condition Ready became false.</summary>
    NotReady,

    /// <summary>It is being deleted.</summary>
    Terminating,

    /// <summary>Its uid no longer exists.</summary>
    Gone,

    /// <summary>An endpoint slice lists it as ready.</summary>
    InEndpoints,

    /// <summary>No endpoint slice lists it as ready any more.</summary>
    OutOfEndpoints,
}

/// <summary>One pod of a watched workload reached a milestone.</summary>
/// <param name="Workload">The workload that owns it.</param>
/// <param name="Pod">Name.</param>
/// <param name="Uid">Uid.</param>
/// <param name="Milestone">What it reached.</param>
/// <param name="Node">Where it runs, once known.</param>
/// <param name="Detail">Reason of a container that waits, such as <c>ImagePullBackOff</c>.</param>
public sealed record PodObserved(
    Scenarios.WorkloadReference Workload, string Pod, string Uid, PodMilestone Milestone, string? Node = null, string? Detail = null) : TimelineEvent;

/// <summary>What one sample said.</summary>
public enum SampleOutcome
{
    /// <summary>The subject answered well.</summary>
    Success,

    /// <summary>The subject failed, or did not answer in time.</summary>
    Failure,

    /// <summary>The probe itself could not ask: nothing is known of the subject.</summary>
    Unknown,
}

/// <summary>A probe's sample; the entry's instant is that of the answer.</summary>
/// <param name="Probe">Name of the probe.</param>
/// <param name="Slot">Number of the timetable slot, from 0.</param>
/// <param name="ScheduledAt">When the timetable wanted it.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="Outcome">What it said.</param>
/// <param name="Detail">Status or error, unless it is a success.</param>
public sealed record ProbeSampled(
    string Probe, long Slot, TimeSpan ScheduledAt, TimeSpan SentAt, SampleOutcome Outcome, string? Detail = null) : TimelineEvent;

/// <summary>A slot of the timetable that could not be served. It is missing data, not a success.</summary>
public sealed record ProbeSlotMissed(string Probe, long Slot, TimeSpan ScheduledAt, string Reason) : TimelineEvent;

/// <summary>States of an alert.</summary>
public enum AlertState
{
    /// <summary>Its condition does not hold, or no more.</summary>
    Inactive,

    /// <summary>Its condition holds, but not for long enough yet.</summary>
    Pending,

    /// <summary>It fires.</summary>
    Firing,
}

/// <summary>An alert of the scenario's Prometheus was seen in another state than before; the entry's instant is that of the answer.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="Labels">Its other labels.</param>
/// <param name="State">What it is in now.</param>
public sealed record AlertSeen(string Alert, IReadOnlyDictionary<string, string> Labels, AlertState State) : TimelineEvent
{
    /// <summary>Name and labels as one text, the same for the same alert: <c>ShopDown severity=page</c>.</summary>
    [JsonIgnore]
    public string Identity => string.Join(' ', Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}").Prepend(Alert));

    /// <inheritdoc />
    public bool Equals(AlertSeen? other) => other is not null && State == other.State && Identity == other.Identity;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(State, Identity);
}

/// <summary>From here on nothing is observed, until an <see cref="ObservationGap"/> of the same name says how it went on.</summary>
/// <param name="What">The watch that was cut.</param>
/// <param name="From">Last instant at which something was heard.</param>
/// <param name="Reason">Why.</param>
public sealed record ObservationInterrupted(string What, TimeSpan From, string Reason) : TimelineEvent;

/// <summary>Nothing could be observed for a while; the entry's instant is the end of the gap.</summary>
/// <param name="What">The watch that was cut, or <c>clock</c> when the process itself was stopped.</param>
/// <param name="From">Last instant at which something was heard.</param>
/// <param name="To">When it was heard again.</param>
/// <param name="Lost">Whether changes may be missing for good (the watch had to list anew), and not only late.</param>
/// <param name="Reason">Why.</param>
public sealed record ObservationGap(string What, TimeSpan From, TimeSpan To, bool Lost, string Reason) : TimelineEvent;

/// <summary>How long a marker written to the cluster took until its echo came back through a watch: an upper bound of the watch delay.</summary>
public sealed record WatchDelayMeasured(TimeSpan Delay) : TimelineEvent;

/// <summary>A steady-state condition was judged.</summary>
/// <param name="Stage">Before or after the steps.</param>
/// <param name="Iteration">Which repetition, from 1.</param>
/// <param name="Subject">What it says something of.</param>
/// <param name="Held">Whether it held; null when that could not be known.</param>
/// <param name="Reason">What was seen.</param>
public sealed record SteadyStateChecked(DrillStage Stage, int Iteration, string Subject, bool? Held, string Reason) : TimelineEvent;

/// <summary>A guard stopped the drill.</summary>
public sealed record GuardTripped(string Guard, string Reason) : TimelineEvent;

/// <summary>Somebody asked the drill to stop.</summary>
public sealed record AbortRequested(string By) : TimelineEvent;

/// <summary>The way back from a change was written down, before the change.</summary>
public sealed record UndoRecorded(string Id, int Step, string Description) : TimelineEvent;

/// <summary>The way back was gone.</summary>
/// <param name="Id">Which undo.</param>
/// <param name="Succeeded">Whether the change is put back.</param>
/// <param name="Detail">What was done, or what is left for a person to do.</param>
public sealed record UndoFinished(string Id, bool Succeeded, string Detail) : TimelineEvent;

/// <summary>A Kubernetes event about the drill's workloads, kept as evidence; its own time has a resolution of 1 s and another host's clock.</summary>
public sealed record ClusterEventSeen(string Regarding, string Reason, string Message, string? ServerTime) : TimelineEvent;

/// <summary>Anything else worth a line.</summary>
public sealed record Note(string Text) : TimelineEvent;
