using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Store;

namespace ChaosDrill.Hosting;

/// <summary>Goes the ways back that drills wrote down and never went, because their process died or the cluster was away.</summary>
internal static class Leftovers
{
    /// <summary>Puts back what earlier drills left on this cluster; drills that still run go their own way back.</summary>
    /// <param name="store">Where the ways back are written.</param>
    /// <param name="cluster">The cluster that the next drill is to run on.</param>
    /// <param name="say">Told what was put back.</param>
    /// <param name="cancellationToken">Stops between two.</param>
    /// <exception cref="CommandException">Something cannot be put back; a person is needed.</exception>
    public static async Task ClearAsync(DrillStore store, ICluster cluster, Action<string> say, CancellationToken cancellationToken)
    {
        foreach (var (undo, state) in store.OutstandingUndos())
        {
            if (state is DrillState.Running or DrillState.Unknown || store.Read(undo.DrillId) is not { } left)
            {
                continue;
            }

            var isLocal = LocalUndos.Knows(undo);
            if (left.Header.Plan.Cluster.IsTwin && !isLocal)
            {
                // A twin lives and dies with its process: there is nothing left to put back.
                store.FinishUndo(undo.DrillId, undo.Id);
                continue;
            }

            if (isLocal ? LocalUndos.IsElsewhere(undo) : left.Header.Plan.Cluster.Server != cluster.Server)
            {
                continue;
            }

            try
            {
                var done = await cluster.UndoAsync(undo, cancellationToken);
                store.FinishUndo(undo.DrillId, undo.Id);
                say($"put back what drill {undo.DrillId} left behind: {done}");
            }
            catch (ClusterException e)
            {
                throw new CommandException(
                    ExitCode.UndoIncomplete,
                    $"drill {undo.DrillId} left something behind that cannot be put back: {undo.Description}: {e.Message}; put it back by hand before the next drill", e);
            }
        }
    }
}
