using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Restores.VeleroRestore;

/// <summary>Restores a lost namespace into another cluster, whose Velero reads the same bucket, and looks at everything there.</summary>
/// <remarks>It stays until the drill is over; it is gone there before the loss itself is undone, so that nothing runs twice.</remarks>
internal sealed class RestoreElsewhereActivity(KubernetesClient here, KubernetesClient there, string ns, VeleroSession session, VeleroRestore options) : IActivity
{
    private const string SystemNamespace = "kube-system";

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly VeleroApi _here = new(here, options.VeleroNamespace);
    private readonly VeleroApi _there = new(there, options.VeleroNamespace);

    private string To => options.To!;

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. VeleroPreflight.Rights(options.VeleroNamespace, "backupstoragelocations", "list"), SystemUid,
        .. NeedsThere.Select(need => need with { Context = To }),
    ];

    /// <summary>In the whole of the other cluster: a namespace that is not there yet has no roles.</summary>
    private IEnumerable<AccessNeed> NeedsThere =>
    [
        .. VeleroPreflight.Needs(options.VeleroNamespace), SystemUid,
        .. VeleroPreflight.Rights(options.VeleroNamespace, "restores", "create", "get", "watch", "delete"),
        .. VeleroPreflight.Rights(options.VeleroNamespace, "podvolumerestores", "list"), .. VeleroPreflight.Rights(options.VeleroNamespace, "datadownloads", "list"),
        .. new[] { "create", "get", "delete" }.Select(verb => new AccessNeed(verb, "", "namespaces", null, "make the namespace to restore into, and remove it")),
        .. new[] { "list", "delete" }.Select(verb => new AccessNeed(verb, "", "persistentvolumes", null, "remove what is left of its volumes")),
        new("delete", "", "configmaps", options.VeleroNamespace, "remove what belongs to the restore"),
        .. from kind in options.AwaitReady ? (string[])["deployments", "statefulsets", "daemonsets"] : [] select new AccessNeed("get", "apps", kind, null, "see restored workloads become ready"),
        .. RestoredObjects.Needs(RestoredObjects.Usual.Select(u => u.Resource).Concat(options.Kinds), null),
        new("get", "", "configmaps", null, "look for markers"),
        .. CheckRun.Needs(options.Checks, null),
        .. session.PlantsFiles ? CheckRun.NeedsToRun(null, "read markers in restored volumes") : [],
    ];

    private static AccessNeed SystemUid => new("get", "", "namespaces", SystemNamespace, "tell the clusters apart by their uid", SystemNamespace);

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () => new ActivityPlan(
        $"restore namespace {ns} of the chosen backup into cluster {To} ({there.Server}, {(await there.GetServerVersionAsync(cancellationToken)).GitVersion}), and compare every object",
        [], $"delete namespace {ns}, the restore and what is left of volumes in cluster {To}", await RefusalsAsync(cancellationToken))
    {
        Touches = [VeleroPreflight.Making(options.VeleroNamespace, "Restore"), new Touched(new Target("Namespace", null, ns, "")) { IsNew = true }],
    });

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        if (session is not { Chosen: { } chosen, Loss: { } loss, LostAt: { } lostAt })
        {
            return ActivityOutcome.Unknown($"the namespace was not lost in this drill, and would run twice if it were restored into {To}: put a namespaceLoss step before this one, or verify the backup with veleroRestoreVerify");
        }

        if (await SeenAsync(chosen.Name, cancellationToken) is not { } seen)
        {
            return ActivityOutcome.Unknown(
                $"the Velero of cluster {To} does not see backup {chosen.Name} after {GoDuration.Format(options.SeenWithin)}: see whether its location reads the same bucket and prefix, and when it last looked: kubectl get backupstoragelocations -n {options.VeleroNamespace} -o yaml --context {To}");
        }

        report.Phase("backup seen", $"{chosen.Name} in cluster {To}");
        var backup = new ChosenBackup(seen, chosen.Before, chosen.After);
        if (await WayBack.DoubtAsync(_there, backup, ns, cancellationToken) is { } doubt)
        {
            return ActivityOutcome.Unknown($"nothing was restored into cluster {To}, because backup {chosen.Name} may not bring namespace {ns} back there: {doubt}");
        }

        if (await TakenAsync(cancellationToken) is { } taken)
        {
            return ActivityOutcome.Unknown($"cluster {To}: {taken.Message}; {taken.Mend}");
        }

        var trial = new RestoreTrial(_there, backup, ns, ns, report) { Besides = RestoredObjects.Usual };
        if (await trial.ReadBackupAsync(cancellationToken) is not { } contents)
        {
            return ActivityOutcome.Done;
        }

        await trial.CheckCoverageAsync(contents, cancellationToken);
        trial.TellJobs(contents);
        var restored = new RestoredElsewhere(ns, options.VeleroNamespace, $"chaosdrill-{RunId.New()}", new OtherCluster(To, there.Server.ToString()));
        var undo = report.RecordUndo(
            RestoredElsewhere.UndoKind, $"remove namespace {ns} and restore {restored.Restore} from cluster {To}", restored.Payload, RestoredElsewhere.RemovedWithin + TimeSpan.FromMinutes(1));
        await restored.MakeAsync(there, contents.FirstOrDefault(i => i.Resource == "namespaces" && i.Name == ns)?.Json, undo, cancellationToken);
        if (await trial.RestoreAsync(restored.Restore, WayBack.FromJson(loss.Payload).Spec, options.Timeout, cancellationToken) is true)
        {
            var expected = RestoreComparison.ExpectedOf(contents, ns, WayBack.LeftOut);
            await (session.Ledger?.ReadElsewhereAsync(there, cancellationToken) ?? Task.CompletedTask);
            await trial.LookAsync(contents, expected, restored.Restore, chosen.After, options.AwaitReady ? options.ReadyWithin : null, options.Checks, cancellationToken);
            trial.Verified();
            chosen.TellLoss(report, lostAt);
        }

        return ActivityOutcome.Done;
    });

    private async Task<IReadOnlyList<Refusal>> RefusalsAsync(CancellationToken cancellationToken)
    {
        var uid = await UidAsync(_there, cancellationToken);
        if (there.Server == here.Server || (uid is not null && uid == await UidAsync(_here, cancellationToken)))
        {
            return [new Refusal(RefusalKind.Guard, $"the context {To} leads to the very cluster that the namespace is lost in", "name another cluster in to, or leave it out to restore in place")];
        }

        if (options.ToUid is { } wanted && wanted != uid && !session.OnTwin)
        {
            return [new Refusal(RefusalKind.Guard, $"the scenario restores into the cluster whose kube-system has uid {wanted}; {To} has {uid ?? "no such namespace"}", "name the right cluster in to, or change toUid")];
        }

        var refusals = (await VeleroPreflight.OfServerAsync(_there, cancellationToken)).ToList();
        if (refusals.Count == 0 && await LocationAsync(cancellationToken) is { } location)
        {
            refusals.Add(location);
        }

        if (await TakenAsync(cancellationToken) is { } taken)
        {
            refusals.Add(taken);
        }

        return [.. refusals.Select(r => r with { Message = $"cluster {To}: {r.Message}" })];
    }

    /// <summary>Whether a namespace of that name is there already; null when none is.</summary>
    private async Task<Refusal?> TakenAsync(CancellationToken cancellationToken) => await _there.FindNamespaceAsync(ns, cancellationToken) switch
    {
        null => null,
        var going when going["metadata"]?["deletionTimestamp"] is not null =>
            new Refusal(RefusalKind.Missing, $"namespace {ns} is there already, and is being deleted", $"wait until it is gone: {NamespaceHold.Of(going)}"),
        _ => new Refusal(
            RefusalKind.Missing, $"namespace {ns} is there already: what would be restored into it would mix with what is in it",
            "name another cluster in to, or delete it there if nobody needs it"),
    };

    /// <summary>Why no location there can be expected to show the backups that are made here; null when one can.</summary>
    private async Task<Refusal?> LocationAsync(CancellationToken cancellationToken)
    {
        var buckets = (await _here.ListAsync(VeleroApi.Locations, null, cancellationToken)).Select(VeleroPreflight.BucketOf).ToHashSet();
        var locations = await _there.ListAsync(VeleroApi.Locations, null, cancellationToken);
        var shared = locations.Where(l => buckets.Contains(VeleroPreflight.BucketOf(l))).ToList();
        return shared.Count == 0
            ? new Refusal(
                RefusalKind.Missing, $"no backup storage location reads a bucket that backups are written to here ({Enumeration.Of(buckets)}), only {Enumeration.Of(locations.Select(VeleroPreflight.BucketOf), "none")}",
                "make one there with the same bucket and prefix, accessMode ReadOnly: velero backup-location create --help")
            : shared.Select(l => VeleroPreflight.OfLocation(_there, VeleroPreflight.NameOf(l), l)).FirstOrDefault(r => r is not null);
    }

    /// <summary>The backup as the Velero there sees it; null when it does not in time.</summary>
    private async Task<System.Text.Json.Nodes.JsonObject?> SeenAsync(string backup, CancellationToken cancellationToken)
    {
        for (var begin = there.Clock.GetTimestamp(); ; await Task.Delay(Look, there.Clock, cancellationToken))
        {
            if (await _there.FindAsync(VeleroApi.Backups, backup, cancellationToken) is { } seen)
            {
                return seen;
            }

            if (there.Clock.GetElapsedTime(begin) > options.SeenWithin)
            {
                return null;
            }
        }
    }

    private static async Task<string?> UidAsync(VeleroApi of, CancellationToken cancellationToken) => (string?)(await of.FindNamespaceAsync(SystemNamespace, cancellationToken))?["metadata"]?["uid"];
}
