using ChaosDrill.Actions.Etcd.Local;

namespace ChaosDrill.Actions.Undos;

/// <summary>Ways back from what a drill made on this machine: they are to be gone whatever has become of its cluster.</summary>
public static class LocalUndos
{
    /// <summary>Whether an undo of this kind is about this machine alone.</summary>
    public static bool Knows(string kind) => kind == LocalPlace.UndoKind;
}
