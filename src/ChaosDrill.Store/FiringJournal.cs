using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Store;

/// <summary>The journal of a firing's drill: a store's own, but for the beginning.</summary>
internal sealed class FiringJournal(IJournal store, Action<DrillHeader> begin) : IJournal
{
    public void Begin(DrillHeader header) => begin(header);

    public void Append(string drillId, IReadOnlyList<TimelineEntry> entries) => store.Append(drillId, entries);

    public void RecordUndo(UndoRecord undo) => store.RecordUndo(undo);

    public void FinishUndo(string drillId, string undoId) => store.FinishUndo(drillId, undoId);

    public void End(string drillId, DrillEnd end, Judgement judgement) => store.End(drillId, end, judgement);
}
