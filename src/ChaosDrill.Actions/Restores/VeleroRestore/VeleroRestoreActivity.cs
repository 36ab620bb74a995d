using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Restores.VeleroRestore;

/// <summary>Brings a lost namespace back, and says what of it is missing or different.</summary>
internal sealed class VeleroRestoreActivity(KubernetesClient client, string ns, VeleroSession session, VeleroRestore options) : IActivity
{
    private readonly VeleroApi _api = new(client, options.VeleroNamespace);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. VeleroPreflight.Needs(options.VeleroNamespace),
        .. VeleroPreflight.Rights(options.VeleroNamespace, "restores", "create", "get", "watch"), .. VeleroPreflight.Rights(options.VeleroNamespace, "podvolumerestores", "list"),
        .. VeleroPreflight.Rights(options.VeleroNamespace, "datadownloads", "list"),
        .. from kind in options.AwaitReady ? (string[])["deployments", "statefulsets", "daemonsets"] : [] select new AccessNeed("get", "apps", kind, ns, "see restored workloads become ready"),
        .. RestoredObjects.Needs(RestoredObjects.Usual.Select(u => u.Resource).Concat(options.Kinds), ns),
        new("get", "", "configmaps", ns, "look for markers"),
        .. CheckRun.Needs(options.Checks, ns),
        .. session.PlantsFiles ? CheckRun.NeedsToRun(ns, "read markers in restored volumes") : [],
    ];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () => new ActivityPlan(
        $"restore namespace {ns} in place from the chosen backup, and compare every object", [], null, await VeleroPreflight.OfServerAsync(_api, cancellationToken))
    {
        Touches = [VeleroPreflight.Making(options.VeleroNamespace, "Restore"), new Touched(new Target("Namespace", null, ns, "")) { IsNew = true }],
    });

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        if (session is not { Chosen: { } chosen, Loss: { } loss, LostAt: { } lostAt })
        {
            return ActivityOutcome.Unknown("the namespace was not lost in this drill, so there is nothing to restore: put a namespaceLoss step before this one");
        }

        var trial = new RestoreTrial(_api, chosen, ns, ns, report) { Besides = RestoredObjects.Usual };
        if (await trial.ReadBackupAsync(cancellationToken) is not { } contents)
        {
            return ActivityOutcome.Done;
        }

        await trial.CheckCoverageAsync(contents, cancellationToken);
        var expected = RestoreComparison.ExpectedOf(contents, ns, WayBack.LeftOut);
        if (await _api.FindNamespaceAsync(ns, cancellationToken) is not null)
        {
            return ActivityOutcome.Unknown($"namespace {ns} is there again already: what would be restored into it would mix with what somebody else made");
        }

        trial.TellJobs(contents);
        var restore = $"chaosdrill-{RunId.New()}";
        if (await trial.RestoreAsync(restore, WayBack.FromJson(loss.Payload).Spec, options.Timeout, cancellationToken) is not true)
        {
            return ActivityOutcome.Done;
        }

        await trial.LookAsync(contents, expected, restore, chosen.After, options.AwaitReady ? options.ReadyWithin : null, options.Checks, cancellationToken);
        trial.Verified();
        chosen.TellLoss(report, lostAt);
        await report.UndoAsync(loss);
        return ActivityOutcome.Done;
    });
}
