using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Undos;

/// <summary>Ways back from what a drill made on this machine: they are to be gone whatever has become of its cluster.</summary>
public static class LocalUndos
{
    /// <summary>Whether an undo of this kind is about this machine alone.</summary>
    public static bool Knows(UndoRecord undo) => undo.Kind == LocalPlace.UndoKind;

    /// <summary>Whether what it is about is on another machine, where alone it can be gone.</summary>
    public static bool IsElsewhere(UndoRecord undo) => Knows(undo) && HostOf(undo) != Environment.MachineName;

    /// <summary>The machine that it is on.</summary>
    public static string HostOf(UndoRecord undo) => LocalPlace.HostOf(undo);

    /// <summary>Goes such a way back, without a cluster.</summary>
    /// <returns>What was done.</returns>
    /// <exception cref="UndoRefusedException">It is on another machine, where alone it can be gone, or what is there is not the drill's.</exception>
    /// <exception cref="ClusterException">It cannot be gone now.</exception>
    public static string Go(UndoRecord undo) => IsElsewhere(undo)
        ? throw new UndoRefusedException($"{undo.Description}: {LocalPlace.Elsewhere(HostOf(undo))}")
        : LocalPlace.Remove(undo);

    /// <summary>Clears what processes of this machine left that died, and that no drill wrote down: the etcd of their twins.</summary>
    public static void ClearDead() => LocalPlace.ClearDead(Path.GetTempPath());
}
