using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Undos;

/// <summary>Ways back from what a drill made on this machine: they are to be gone whatever has become of its cluster.</summary>
public static class LocalUndos
{
    /// <summary>Whether an undo of this kind is about this machine alone.</summary>
    public static bool Knows(UndoRecord undo) => undo.Kind == LocalPlace.UndoKind;

    /// <summary>Whether what it is about is on another machine, where alone it can be gone.</summary>
    public static bool IsElsewhere(UndoRecord undo) => Knows(undo) && LocalPlace.HostOf(undo) != Environment.MachineName;
}
