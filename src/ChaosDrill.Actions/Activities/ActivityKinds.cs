using ChaosDrill.Actions.Activities.Conditions;
using ChaosDrill.Actions.Activities.Holds;
using ChaosDrill.Actions.Activities.HostCommands;
using ChaosDrill.Actions.Activities.Manifests;
using ChaosDrill.Actions.Activities.PodCommands;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Restores.EtcdRestore;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Restores.VeleroBackup;
using ChaosDrill.Actions.Restores.VeleroBackupSelect;
using ChaosDrill.Actions.Restores.VeleroRestore;
using ChaosDrill.Actions.Restores.VeleroRestoreVerify;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities;

/// <summary>What activities are made from.</summary>
/// <param name="Client">Speaks with the API server.</param>
/// <param name="Others">The clusters that steps name by a context.</param>
/// <param name="Namespace">Namespace of the drill.</param>
/// <param name="IsTwin">Whether it is the embedded cluster.</param>
/// <param name="Person">Who answers at the terminal.</param>
/// <param name="Velero">Backups that this drill took or chose.</param>
/// <param name="Etcd">What this drill knows of the cluster's etcd.</param>
internal sealed record ActivityContext(
    KubernetesClient Client, OtherClusters Others, string Namespace, bool IsTwin, IPerson Person, VeleroSession Velero, EtcdSession Etcd);

/// <summary>Which activity a step asks for. A new activity is one line.</summary>
internal static class ActivityKinds
{
    private static readonly Dictionary<Type, Func<StepAction, ActivityContext, IActivity>> All = new()
    {
        [typeof(Apply)] = Kind<Apply>((o, c) => new ApplyActivity(c.Client, c.Namespace, o)),
        [typeof(Check)] = Kind<Check>((o, c) => new ConditionActivity(c.Client, c.Namespace, o, null)),
        [typeof(Command)] = Kind<Command>((o, c) => new CommandActivity(c.Client, o)),
        [typeof(Exec)] = Kind<Exec>((o, c) => new ExecActivity(c.Client, c.Namespace, o)),
        [typeof(Hold)] = Kind<Hold>((o, c) => new HoldActivity(c.Person, c.Client.Clock, o)),
        [typeof(WaitFor)] = Kind<WaitFor>((o, c) => new ConditionActivity(c.Client, c.Namespace, o, o.Timeout)),
        [typeof(VeleroBackup)] = Kind<VeleroBackup>((o, c) => new VeleroBackupActivity(c.Client, c.Namespace, c.Velero, o)),
        [typeof(VeleroBackupSelect)] = Kind<VeleroBackupSelect>((o, c) => new VeleroBackupSelectActivity(c.Client, c.Velero, o)),
        [typeof(VeleroRestore)] = Kind<VeleroRestore>((o, c) => o.To is { } other
            ? new RestoreElsewhereActivity(c.Client, c.Others.At(other), c.Namespace, c.Velero, o) : new VeleroRestoreActivity(c.Client, c.Namespace, c.Velero, o)),
        [typeof(VeleroRestoreVerify)] = Kind<VeleroRestoreVerify>((o, c) => new VeleroRestoreVerifyActivity(c.Client, c.Namespace, c.Velero, o)),
        [typeof(EtcdSnapshot)] = Kind<EtcdSnapshot>((o, c) => new EtcdSnapshotActivity(o, c.Etcd.Access, c.Etcd.Taken, c.Client.Clock)),
        [typeof(EtcdRestoreVerify)] = Kind<EtcdRestoreVerify>((o, c) => new EtcdRestoreVerifyActivity(o, c.Client, c.Etcd.Taken)),
        [typeof(EtcdRestore)] = Kind<EtcdRestore>((o, c) => new EtcdRestoreActivity(o, c.Etcd, c.Client)),
    };

    /// <summary>The activity of a step; null when the step is none.</summary>
    public static IActivity? ActivityFor(StepAction action, ActivityContext context) =>
        All.TryGetValue(action.GetType(), out var make) ? make(action, context) : null;

    private static Func<StepAction, ActivityContext, IActivity> Kind<T>(Func<T, ActivityContext, IActivity> make)
        where T : StepAction => (action, context) => make((T)action, context);
}
