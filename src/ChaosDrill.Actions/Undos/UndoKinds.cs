using System.Text.Json.Nodes;
using ChaosDrill.Actions.Activities.HostCommands;
using ChaosDrill.Actions.Activities.Manifests;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Faults.DeleteObjects;
using ChaosDrill.Actions.Faults.NamespaceStuck;
using ChaosDrill.Actions.Faults.NodeCordon;
using ChaosDrill.Actions.Faults.NodeFailure;
using ChaosDrill.Actions.Faults.NodeTaint;
using ChaosDrill.Actions.Faults.PodFailure;
using ChaosDrill.Actions.Faults.RolloutFailure;
using ChaosDrill.Actions.Faults.Scale;
using ChaosDrill.Actions.Ledgers;
using ChaosDrill.Actions.Locks;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>Who knows the way back, by its kind. A new kind is one line.</summary>
internal static class UndoKinds
{
    private static readonly Dictionary<string, Func<KubernetesClient, UndoRecord, CancellationToken, Task<string>>> All = new()
    {
        [LeaseLock.UndoKind] = LeaseLock.ReleaseAsync,
        [CordonReversal.UndoKind] = Reversing(CordonReversal.FromJson),
        [KubeletReversal.UndoKind] = Reversing(KubeletReversal.FromJson),
        [StoppedKubelet.UndoKind] = StoppedKubelet.PutBackAsync,
        [TaintReversal.UndoKind] = Reversing(TaintReversal.FromJson),
        [ScaleReversal.UndoKind] = Reversing(ScaleReversal.FromJson),
        [DrillMarker.UndoKind] = DrillMarker.RemoveAsync,
        [VolumeMarker.UndoKind] = VolumeMarker.RemoveAsync,
        [ScratchNamespace.UndoKind] = ScratchNamespace.UndoAsync,
        [StoppedComponent.UndoKind] = StoppedComponent.PutBackAsync,
        [CreatedObject.UndoKind] = CreatedObject.PutBackAsync,
        [HeldNamespace.UndoKind] = HeldNamespace.PutBackAsync,
        [CommandActivity.UndoKind] = CommandActivity.PutBackAsync,
        [MergeReversal.UndoKind] = Reversing(MergeReversal.FromJson),
        [WayBack.UndoKind] = NamespaceReturn.GoAsync,
        [SavedObject.UndoKind] = SavedObject.PutBackAsync,
        [PodImageReversal.UndoKind] = Reversing(PodImageReversal.FromJson),
        [RolloutReversal.UndoKind] = Reversing(RolloutReversal.FromJson),
        [ConfigMapLedger.UndoKind] = ConfigMapLedger.RemoveAsync,
        [EtcdLedger.UndoKind] = (client, undo, cancellationToken) => EtcdLedger.RemoveAsync(undo, client.Clock, cancellationToken),
        [LocalPlace.UndoKind] = (_, undo, _) => Task.FromResult(LocalPlace.Remove(undo)),
        [SnapshotTraces.UndoKind] = (client, undo, cancellationToken) => SnapshotTraces.RemoveAsync(undo, client.Clock, cancellationToken),
    };

    /// <summary>Goes a way back.</summary>
    public static Task<string> GoAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken) =>
        All.TryGetValue(undo.Kind, out var go)
            ? go(client, undo, cancellationToken)
            : throw new ClusterException($"this version of ChaosDrill does not know how to undo \"{undo.Kind}\": {undo.Description}");

    private static Func<KubernetesClient, UndoRecord, CancellationToken, Task<string>> Reversing(Func<JsonObject, Reversal> read) =>
        (client, undo, cancellationToken) => MarkedChange.PutBackAsync(client, read(JsonNode.Parse(undo.Payload)!.AsObject()), undo, cancellationToken);
}
