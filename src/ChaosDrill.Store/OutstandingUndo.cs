using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Store;

/// <summary>A recorded way back that nobody has gone yet.</summary>
/// <param name="Undo">The way back.</param>
/// <param name="Drill">Whether its drill is over: one that runs will go the way itself.</param>
public sealed record OutstandingUndo(UndoRecord Undo, DrillState Drill);
