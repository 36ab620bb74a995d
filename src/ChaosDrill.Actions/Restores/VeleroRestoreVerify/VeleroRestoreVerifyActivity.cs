using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Restores.VeleroRestoreVerify;

/// <summary>The nightly job: restore where it can do no harm, look at everything, leave nothing.</summary>
internal sealed class VeleroRestoreVerifyActivity(KubernetesClient client, string ns, VeleroSession session, VeleroRestoreVerify options) : IActivity
{
    private readonly VeleroApi _api = new(client, options.VeleroNamespace);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. VeleroPreflight.Needs(options.VeleroNamespace),
        .. VeleroPreflight.Rights(options.VeleroNamespace, "restores", "create", "get", "watch", "delete"), .. VeleroPreflight.Rights(options.VeleroNamespace, "podvolumerestores", "list"), .. VeleroPreflight.Rights(options.VeleroNamespace, "datadownloads", "list"),
        .. new[] { "create", "get", "delete" }.Select(verb => new AccessNeed(verb, "", "namespaces", null, "make a scratch namespace and remove it")),
        .. new[] { "create", "list" }.Select(verb => new AccessNeed(verb, "networking.k8s.io", "networkpolicies", null, "close the scratch namespace")),
        .. new[] { "list", "delete" }.Select(verb => new AccessNeed(verb, "", "persistentvolumes", null, "remove what is left of the scratch namespace's volumes")),
        .. new[] { "create", "get", "delete" }.Select(verb => new AccessNeed(verb, "", "configmaps", null, "plant markers, change services on restore, and remove both")),
        .. new[] { "pods", "configmaps", "secrets", "services" }.Select(kind => new AccessNeed("list", "", kind, null, "compare what was restored")),
        .. CheckRun.Needs(options.Checks, null),
        .. session.PlantsFiles ? CheckRun.NeedsToRun(null, "read markers in restored volumes") : [],
    ];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () => new ActivityPlan(
        $"restore namespace {ns} of the chosen backup into a closed scratch namespace {Prefix}-..., compare every object, remove it again",
        [], "delete the scratch namespace, the restore and what is left of volumes", await VeleroPreflight.OfServerAsync(_api, cancellationToken))
    {
        // The scratch namespace is the drill's own and stands on no list.
        Touches = [VeleroPreflight.Making(options.VeleroNamespace, "Restore"), VeleroPreflight.Making(ns, "ConfigMap")],
    });

    private string Prefix => $"{(ns.Length > 45 ? ns[..45].TrimEnd('-') : ns)}-drill";

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        if (session.Chosen is not { } chosen)
        {
            return ActivityOutcome.Unknown("no backup was chosen: put a veleroBackup or veleroBackupSelect step before this one");
        }

        var run = RunId.New();
        var scratch = new ScratchNamespace($"{Prefix}-{run}", options.VeleroNamespace, $"chaosdrill-{run}");
        var trial = new RestoreTrial(_api, chosen, ns, scratch.Name, report);
        if (await trial.ReadBackupAsync(cancellationToken) is not { } contents)
        {
            return ActivityOutcome.Done;
        }

        await trial.CheckCoverageAsync(contents, cancellationToken);
        var defusal = Defusal.Of(contents, ns, await _api.VersionAsync(cancellationToken), options.LeaveOut);
        var expected = RestoreComparison.ExpectedOf(defusal.Applied(contents), ns, defusal.LeftOut);
        Tell(report, contents, defusal);
        var after = chosen.After ?? (await client.FindAsync(Resources.Namespaces, null, ns, cancellationToken) is null ? null
            : await Markers.PlantAsync(client, ns, "after", [], report, cancellationToken));

        var undo = report.RecordUndo(ScratchNamespace.UndoKind, $"remove scratch namespace {scratch.Name} and restore {scratch.Restore}", scratch.Payload);
        await scratch.MakeAsync(client, contents.FirstOrDefault(i => i.Resource == "namespaces" && i.Name == ns)?.Json, undo, cancellationToken);
        var (closed, evidence) = await scratch.IsClosedAsync(client, cancellationToken);
        trial.Check("the scratch namespace is closed before anything is restored into it", closed, evidence);
        if (closed && await trial.RestoreAsync(scratch.Restore, await SpecAsync(scratch, chosen, defusal, cancellationToken), options.Timeout, cancellationToken) is true)
        {
            if (options.AwaitReady)
            {
                await trial.AwaitReadyAsync(expected, options.ReadyWithin, cancellationToken);
            }

            await trial.CompareAsync(expected, cancellationToken);
            await trial.CheckMarkersAsync(after, cancellationToken);
            await trial.AskAsync(options.Checks, cancellationToken);
            await trial.CheckSpillAsync(scratch.Restore, expected, cancellationToken);
            (closed, evidence) = await scratch.IsClosedAsync(client, cancellationToken);
            trial.Check("the scratch namespace is still closed", closed, evidence);
            trial.Verified();
        }

        await RemoveAsync(scratch, undo, report, cancellationToken);
        return ActivityOutcome.Done;
    });

    private async Task<JsonObject> SpecAsync(ScratchNamespace scratch, ChosenBackup chosen, Defusal defusal, CancellationToken cancellationToken)
    {
        var spec = new JsonObject
        {
            ["backupName"] = chosen.Name,
            ["includedNamespaces"] = new JsonArray(ns),
            ["namespaceMapping"] = new JsonObject { [ns] = scratch.Name },
            ["excludedResources"] = new JsonArray([.. defusal.LeftOut.Select(r => (JsonNode)r)]),
            ["includeClusterResources"] = false,
            ["restorePVs"] = true,
        };
        if (defusal.Rules() is { } rules)
        {
            await client.CreateAsync(
                Resources.ConfigMaps, options.VeleroNamespace,
                new ConfigMap { Metadata = new ObjectMeta { Name = scratch.Restore, Namespace = options.VeleroNamespace }, Data = new Dictionary<string, string> { ["rules.yaml"] = rules } },
                null, cancellationToken);
            spec["resourceModifier"] = new JsonObject { ["kind"] = "ConfigMap", ["name"] = scratch.Restore };
        }

        return spec;
    }

    private void Tell(IActivityReport report, IReadOnlyList<BackedUp> contents, Defusal defusal)
    {
        var left = contents.Where(i => i.Namespace == ns && defusal.LeftOut.Contains(i.Resource)).GroupBy(i => i.Resource).Select(g => $"{g.Count()} {g.Key}").ToList();
        if (left.Count > 0)
        {
            report.Note($"not restored, so that the scratch namespace cannot reach out: {string.Join(", ", left)}");
        }

        if (defusal.Changed.Count > 0)
        {
            report.Note($"restored as plain services without outside address: {string.Join(", ", defusal.Changed.Select(s => s.Name))}");
        }
    }

    private async Task RemoveAsync(ScratchNamespace scratch, UndoRecord undo, IActivityReport report, CancellationToken cancellationToken)
    {
        try
        {
            report.Phase("removed", await scratch.RemoveAsync(client, options.RemovedWithin, cancellationToken));
            await report.UndoAsync(undo);
        }
        catch (ClusterException e)
        {
            // The way back stays open: it is tried again at the end of the drill, and what is left then is said there.
            report.Note(e.Message);
        }
    }
}
