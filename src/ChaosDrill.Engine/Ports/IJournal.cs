using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Ports;

/// <summary>
/// Where a drill is written down while it happens. What was appended survives the death of the process at any later
/// instant; what is recorded as an undo survives the death of the machine.
/// </summary>
/// <remarks>Thread-safe. Every member throws <see cref="JournalException"/> when it cannot write, for instance on a full disk.</remarks>
public interface IJournal
{
    /// <summary>Opens a drill; the id must be new.</summary>
    void Begin(DrillHeader header);

    /// <summary>Appends entries of a drill, all or none.</summary>
    void Append(string drillId, IReadOnlyList<TimelineEntry> entries);

    /// <summary>Writes the way back from a change, synced to disk before this returns. Called before the change is made.</summary>
    void RecordUndo(UndoRecord undo);

    /// <summary>Marks a way back as gone.</summary>
    void FinishUndo(string drillId, string undoId);

    /// <summary>Writes the last word of a drill, with its judgement for listings.</summary>
    void End(string drillId, DrillEnd end, Judgement judgement);
}

/// <summary>The recorded way back from one change: data, not code, so that another process can go it.</summary>
/// <param name="DrillId">Drill that makes the change.</param>
/// <param name="Id">Id of this undo within the drill.</param>
/// <param name="Kind">Which action knows how to go back, such as <c>nodeCordon</c>.</param>
/// <param name="Description">What it puts back, in words.</param>
/// <param name="Payload">What that action needs, as JSON.</param>
/// <param name="ExpiresAt">Wall-clock time after which anyone may go back.</param>
public sealed record UndoRecord(string DrillId, string Id, string Kind, string Description, string Payload, DateTimeOffset ExpiresAt);

/// <summary>The journal cannot be written.</summary>
/// <param name="message">What could not be written, where, and how to mend it.</param>
/// <param name="inner">The cause.</param>
public class JournalException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The drill is somebody else's by now: nothing more may be written of it, and nothing more done for it.</summary>
/// <param name="message">Which drill, and why.</param>
public sealed class ClaimLostException(string message) : JournalException(message);
