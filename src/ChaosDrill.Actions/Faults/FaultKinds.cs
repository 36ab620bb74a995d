using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Faults.ContainerKill;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Faults.DeleteObjects;
using ChaosDrill.Actions.Faults.EtcdDisaster;
using ChaosDrill.Actions.Faults.EtcdKill;
using ChaosDrill.Actions.Faults.NetworkPartition;
using ChaosDrill.Actions.Faults.NamespaceLoss;
using ChaosDrill.Actions.Faults.NamespaceStuck;
using ChaosDrill.Actions.Faults.NodeCordon;
using ChaosDrill.Actions.Faults.NodeDrain;
using ChaosDrill.Actions.Faults.NodeFailure;
using ChaosDrill.Actions.Faults.NodeTaint;
using ChaosDrill.Actions.Faults.PodEvict;
using ChaosDrill.Actions.Faults.PodFailure;
using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Actions.Faults.QuotaSqueeze;
using ChaosDrill.Actions.Faults.RolloutFailure;
using ChaosDrill.Actions.Faults.Scale;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Actions.Workloads;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults;

/// <summary>What faults are made from.</summary>
internal sealed record FaultContext(KubernetesClient Client, string Namespace, PodFeed Feed, PlannedOutage Outage, VeleroSession Velero, EtcdSession Etcd);

/// <summary>Which fault a step asks for. A new fault is one line.</summary>
internal static class FaultKinds
{
    private static readonly Dictionary<Type, Func<StepAction, FaultContext, IFault>> All = new()
    {
        [typeof(PodKill.PodKill)] = Kind<PodKill.PodKill>((o, c) => new PodKillFault(c.Client, c.Namespace, o, c.Feed)),
        [typeof(NodeCordon.NodeCordon)] = Kind<NodeCordon.NodeCordon>((o, c) => new NodeCordonFault(c.Client, o)),
        [typeof(NodeDrain.NodeDrain)] = Kind<NodeDrain.NodeDrain>((o, c) => new NodeDrainFault(c.Client, o)),
        [typeof(PodEvict.PodEvict)] = Kind<PodEvict.PodEvict>((o, c) => new PodEvictFault(c.Client, c.Namespace, o)),
        [typeof(PodFailure.PodFailure)] = Kind<PodFailure.PodFailure>((o, c) => new PodFailureFault(c.Client, c.Namespace, o, c.Feed)),
        [typeof(NodeFailure.NodeFailure)] = Kind<NodeFailure.NodeFailure>((o, c) => new NodeFailureFault(c.Client, c.Namespace, o, c.Feed)),
        [typeof(ControlPlaneFailure.ControlPlaneFailure)] = Kind<ControlPlaneFailure.ControlPlaneFailure>((o, c) => new ControlPlaneFailureFault(c.Client, c.Namespace, o, c.Outage)),
        [typeof(QuotaSqueeze.QuotaSqueeze)] = Kind<QuotaSqueeze.QuotaSqueeze>((o, c) => new QuotaSqueezeFault(c.Client, c.Namespace, o)),
        [typeof(ContainerKill.ContainerKill)] = Kind<ContainerKill.ContainerKill>((o, c) => new ContainerKillFault(c.Client, c.Namespace, o, c.Feed)),
        [typeof(NetworkPartition.NetworkPartition)] = Kind<NetworkPartition.NetworkPartition>((o, c) => new NetworkPartitionFault(c.Client, c.Namespace, o)),
        [typeof(NodeTaint.NodeTaint)] = Kind<NodeTaint.NodeTaint>((o, c) => new NodeTaintFault(c.Client, o)),
        [typeof(Scale.Scale)] = Kind<Scale.Scale>((o, c) => new ScaleFault(c.Client, c.Namespace, o)),
        [typeof(DeleteObjects.DeleteObjects)] = Kind<DeleteObjects.DeleteObjects>((o, c) => new DeleteObjectsFault(c.Client, c.Namespace, o)),
        [typeof(NamespaceLoss.NamespaceLoss)] = Kind<NamespaceLoss.NamespaceLoss>((o, c) => new NamespaceLossFault(c.Client, c.Namespace, c.Velero, c.Outage, o)),
        [typeof(NamespaceStuck.NamespaceStuck)] = Kind<NamespaceStuck.NamespaceStuck>((o, c) => new NamespaceStuckFault(c.Client, o)),
        [typeof(EtcdKill.EtcdMemberKill)] = Kind<EtcdKill.EtcdMemberKill>((o, c) => new EtcdKillFault(o, c.Etcd, c.Client, c.Namespace)),
        [typeof(EtcdKill.EtcdLeaderKill)] = Kind<EtcdKill.EtcdLeaderKill>((o, c) => new EtcdKillFault(o, c.Etcd, c.Client, c.Namespace)),
        [typeof(EtcdDisaster.EtcdDisaster)] = Kind<EtcdDisaster.EtcdDisaster>((o, c) => new EtcdDisasterFault(o, c.Etcd, c.Outage, c.Client, c.Namespace)),
        [typeof(RolloutFailure.RolloutFailure)] = Kind<RolloutFailure.RolloutFailure>((o, c) => new RolloutFailureFault(c.Client, c.Namespace, o)),
    };

    /// <summary>The fault of a step; null when the step is none.</summary>
    public static IFault? FaultFor(StepAction action, FaultContext context) =>
        All.TryGetValue(action.GetType(), out var make) ? make(action, context) : null;

    private static Func<StepAction, FaultContext, IFault> Kind<T>(Func<T, FaultContext, IFault> make)
        where T : StepAction => (action, context) => make((T)action, context);
}
