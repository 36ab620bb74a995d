using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Store;

/// <summary>The journal of a firing's drill: every write shows the fence that the firing was claimed with.</summary>
internal sealed class FiringJournal(DrillStore store, Firing firing) : IJournal
{
    public void Begin(DrillHeader header) => store.Write($"begin drill {header.Id}", journal => journal.Begin(header, firing));

    public void Append(string drillId, IReadOnlyList<TimelineEntry> entries) => store.Append(drillId, firing.Fence, entries);

    public void RecordUndo(UndoRecord undo) => store.RecordUndo(undo, firing.Fence);

    public void FinishUndo(string drillId, string undoId) => store.FinishUndo(drillId, undoId, firing.Fence);

    public void End(string drillId, DrillEnd end, Judgement judgement) => store.End(drillId, end, judgement, firing.Fence);
}
