using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NamespaceLoss;

/// <summary>Deletes a namespace whose backup was looked at before.</summary>
internal sealed class NamespaceLossFault(KubernetesClient client, string ns, VeleroSession session, PlannedOutage outage, NamespaceLoss options) : IFault
{
    private readonly VeleroApi _api = new(client, options.VeleroNamespace);

    public bool LosesNamespace => true;

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. VeleroPreflight.Needs(options.VeleroNamespace), .. VeleroPreflight.Rights(options.VeleroNamespace, "restores", "create"),
        .. VeleroPreflight.Rights(options.VeleroNamespace, "backups", "patch"),
        .. new[] { "get", "list", "watch", "delete" }.Select(verb => new AccessNeed(verb, "", "namespaces", null, "delete the namespace, and prove it")),
        new("list", "", "pods", ns, "count the pods that go with the namespace"),
        .. RestoredObjects.Needs(RestoredObjects.Usual.Select(u => u.Resource), ns),
    ];

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var refusals = (await VeleroPreflight.OfServerAsync(_api, cancellationToken)).ToList();
        var found = await client.FindAsync(Resources.Namespaces, null, ns, cancellationToken);
        if (options.Confirm != ns)
        {
            refusals.Add(new Refusal(RefusalKind.Guard, $"the step confirms the loss of namespace {options.Confirm}, but the scenario's namespace is {ns}", $"if {ns} is really meant, write confirm: {ns}"));
        }

        if (found is null || found.Metadata.DeletionTimestamp is not null)
        {
            refusals.Add(new Refusal(RefusalKind.Missing, $"namespace {ns} {(found is null ? "does not exist" : "is being deleted already")}", "name another, or wait until it is back"));
        }

        var pods = Victims.Candidates((await client.ListAsync(Resources.Pods, ns, null, cancellationToken)).Items);
        IReadOnlyList<Touched> lost = found is null ? [] : [new Touched(new Target("Namespace", null, ns, found.Metadata.Uid ?? "")) { Labels = found.Metadata.Labels }];
        return new FaultPlan(
            $"delete namespace {ns} with everything in it", [.. lost.Select(t => t.Object)], 1, "restore it with Velero from the backup that was chosen", refusals)
        {
            Touches = [.. lost, .. pods.Select(PodTouch.Of)],
        };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var target = plan.Targets[0];
        var backup = session.Chosen ?? throw new ClusterException("no backup was chosen before, so nothing was deleted: put a veleroBackup or veleroBackupSelect step before this one");
        if (await WayBack.DoubtAsync(_api, backup, ns, cancellationToken) is { } doubt)
        {
            throw new ClusterException($"namespace {ns} was not deleted, because backup {backup.Name} may not bring it back: {doubt}");
        }

        var way = new WayBack(ns, target.Uid, options.VeleroNamespace, backup.Name, options.GoneWithin, options.BackWithin);
        var undo = report.RecordUndo(
            WayBack.UndoKind, $"restore namespace {ns} from backup {backup.Name}", way.Payload, options.GoneWithin + options.BackWithin + TimeSpan.FromMinutes(1));
        await way.MarkAsync(client, undo, cancellationToken);
        session.Loss = undo;
        outage.NamespaceIsAway = true;
        long goneAt = 0;
        var gone = await Sighting.AroundAsync(
            client, Resources.Namespaces, null, new WatchOptions { FieldSelector = $"metadata.name={ns}" },
            e =>
            {
                if (e.Type != WatchEventType.Deleted)
                {
                    return false;
                }

                (session.LostAt, goneAt) = (client.Clock.GetUtcNow(), e.ReceivedAt);
                return true;
            },
            async () =>
            {
                report.Requested(target);
                await client.DeleteAsync(Resources.Namespaces, null, ns, new DeleteOptions { PreconditionUid = target.Uid }, cancellationToken);
                report.Acknowledged(target);
            },
            options.GoneWithin, cancellationToken);
        var left = await _api.FindNamespaceAsync(ns, cancellationToken);
        if (!gone)
        {
            throw new ClusterException($"namespace {ns} is still there after {options.GoneWithin}: {(left is null ? "it went just now" : NamespaceHold.Of(left))}; finalizers are not removed here");
        }

        report.TookEffect(
            target, left is null ? $"namespace {ns} (uid {target.Uid}) is gone: asking for it is answered 404" : $"namespace {ns} (uid {target.Uid}) is gone, and somebody has made another already", goneAt);
    });
}
