using ChaosDrill.Actions.Activities.VeleroBackup;
using ChaosDrill.Actions.Activities.VeleroBackupSelect;
using ChaosDrill.Actions.Activities.VeleroRestore;
using ChaosDrill.Actions.Activities.VeleroRestoreVerify;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities;

/// <summary>What activities are made from.</summary>
internal sealed record ActivityContext(KubernetesClient Client, string Namespace, bool IsTwin, VeleroSession Velero);

/// <summary>Which activity a step asks for. A new activity is one line.</summary>
internal static class ActivityKinds
{
    private static readonly Dictionary<Type, Func<StepAction, ActivityContext, IActivity>> All = new()
    {
        [typeof(VeleroBackup.VeleroBackup)] = Kind<VeleroBackup.VeleroBackup>((o, c) => new VeleroBackupActivity(c.Client, c.Namespace, c.Velero, o)),
        [typeof(VeleroBackupSelect.VeleroBackupSelect)] = Kind<VeleroBackupSelect.VeleroBackupSelect>((o, c) => new VeleroBackupSelectActivity(c.Client, c.Velero, o)),
        [typeof(VeleroRestore.VeleroRestore)] = Kind<VeleroRestore.VeleroRestore>((o, c) => new VeleroRestoreActivity(c.Client, c.Namespace, c.Velero, o)),
        [typeof(VeleroRestoreVerify.VeleroRestoreVerify)] = Kind<VeleroRestoreVerify.VeleroRestoreVerify>((o, c) => new VeleroRestoreVerifyActivity(c.Client, c.Namespace, c.Velero, o)),
    };

    /// <summary>The activity of a step; null when the step is none.</summary>
    public static IActivity? ActivityFor(StepAction action, ActivityContext context) =>
        All.TryGetValue(action.GetType(), out var make) ? make(action, context) : null;

    private static Func<StepAction, ActivityContext, IActivity> Kind<T>(Func<T, ActivityContext, IActivity> make)
        where T : StepAction => (action, context) => make((T)action, context);
}
