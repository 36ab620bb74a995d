using ChaosDrill.Actions.Activities.Conditions;
using ChaosDrill.Actions.Activities.Holds;
using ChaosDrill.Actions.Activities.HostCommands;
using ChaosDrill.Actions.Activities.Manifests;
using ChaosDrill.Actions.Activities.PodCommands;
using ChaosDrill.Actions.Faults.ContainerKill;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Faults.DeleteObjects;
using ChaosDrill.Actions.Faults.NamespaceLoss;
using ChaosDrill.Actions.Faults.NamespaceStuck;
using ChaosDrill.Actions.Faults.EtcdDisaster;
using ChaosDrill.Actions.Faults.EtcdKill;
using ChaosDrill.Actions.Faults.NetworkPartition;
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
using ChaosDrill.Actions.Probes;
using ChaosDrill.Actions.Restores.EtcdRestore;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Restores.VeleroBackup;
using ChaosDrill.Actions.Restores.VeleroBackupSelect;
using ChaosDrill.Actions.Restores.VeleroRestore;
using ChaosDrill.Actions.Restores.VeleroRestoreVerify;

namespace ChaosDrill.Actions;

/// <summary>The kinds of steps and probes that this room adds to a scenario's vocabulary: field name to options.</summary>
public static class ActionVocabulary
{
    /// <summary>Faults, and the steps around them.</summary>
    public static IReadOnlyDictionary<string, Type> Steps { get; } = new Dictionary<string, Type>
    {
        ["podKill"] = typeof(PodKill),
        ["nodeCordon"] = typeof(NodeCordon),
        ["podEvict"] = typeof(PodEvict),
        ["podFailure"] = typeof(PodFailure),
        ["nodeDrain"] = typeof(NodeDrain),
        ["nodeFailure"] = typeof(NodeFailure),
        ["controlPlaneFailure"] = typeof(ControlPlaneFailure),
        ["quotaSqueeze"] = typeof(QuotaSqueeze),
        ["containerKill"] = typeof(ContainerKill),
        ["networkPartition"] = typeof(NetworkPartition),
        ["nodeTaint"] = typeof(NodeTaint),
        ["scale"] = typeof(Scale),
        ["rolloutFailure"] = typeof(RolloutFailure),
        ["deleteObjects"] = typeof(DeleteObjects),
        ["apply"] = typeof(Apply),
        ["check"] = typeof(Check),
        ["command"] = typeof(Command),
        ["exec"] = typeof(Exec),
        ["hold"] = typeof(Hold),
        ["waitFor"] = typeof(WaitFor),
        ["veleroBackup"] = typeof(VeleroBackup),
        ["veleroBackupSelect"] = typeof(VeleroBackupSelect),
        ["namespaceLoss"] = typeof(NamespaceLoss),
        ["namespaceStuck"] = typeof(NamespaceStuck),
        ["veleroRestore"] = typeof(VeleroRestore),
        ["veleroRestoreVerify"] = typeof(VeleroRestoreVerify),
        ["etcdSnapshot"] = typeof(EtcdSnapshot),
        ["etcdRestoreVerify"] = typeof(EtcdRestoreVerify),
        ["etcdMemberKill"] = typeof(EtcdMemberKill),
        ["etcdLeaderKill"] = typeof(EtcdLeaderKill),
        ["etcdDisaster"] = typeof(EtcdDisaster),
        ["etcdRestore"] = typeof(EtcdRestore),
    };

    /// <summary>Probes.</summary>
    public static IReadOnlyDictionary<string, Type> Probes { get; } = new Dictionary<string, Type>
    {
        ["api"] = typeof(ApiProbe),
        ["exec"] = typeof(ExecProbe),
        ["http"] = typeof(HttpProbe),
        ["promql"] = typeof(PromqlProbe),
        ["service"] = typeof(ServiceProbe),
        ["tcp"] = typeof(TcpProbe),
        ["workload"] = typeof(WorkloadProbe),
    };
}
