using System.Collections.Concurrent;
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
        .. VeleroPreflight.Needs(options.VeleroNamespace), .. VeleroPreflight.Rights(options.VeleroNamespace, "serverstatusrequests", "create", "get", "delete"),
        .. VeleroPreflight.Rights(options.VeleroNamespace, "restores", "create", "get", "watch", "delete"), .. VeleroPreflight.Rights(options.VeleroNamespace, "podvolumerestores", "list"), .. VeleroPreflight.Rights(options.VeleroNamespace, "datadownloads", "list"),
        .. new[] { "create", "get", "delete" }.Select(verb => new AccessNeed(verb, "", "namespaces", null, "make a scratch namespace and remove it")),
        .. new[] { "create", "list" }.Select(verb => new AccessNeed(verb, "networking.k8s.io", "networkpolicies", null, "close the scratch namespace")),
        .. new[] { "list", "delete" }.Select(verb => new AccessNeed(verb, "", "persistentvolumes", null, "remove what is left of the scratch namespace's volumes")),
        .. new[] { "create", "get", "delete" }.Select(verb => new AccessNeed(verb, "", "configmaps", null, "plant markers, change services on restore, and remove both")),
        .. from kind in options.AwaitReady ? (string[])["deployments", "statefulsets", "daemonsets"] : [] select new AccessNeed("get", "apps", kind, null, "see restored workloads become ready"),
        .. RestoredObjects.Needs(Usual.Select(u => u.Resource).Concat(options.Kinds), null),
        .. CheckRun.Needs(options.Checks, null),
        .. session.PlantsFiles ? CheckRun.NeedsToRun(null, "read markers in restored volumes") : [],
    ];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () => new ActivityPlan(
        options.ForEach is { } each
            ? $"restore {each.Namespaces.Count} namespaces of the chosen backup into closed scratch namespaces, at most {each.AtOnce} at once, compare every object, remove them again: {Enumeration.Of(each.Namespaces)}"
            : $"restore namespace {ns} of the chosen backup into a closed scratch namespace {Prefix(ns)}-..., compare every object, remove it again",
        [], "delete the scratch namespace, the restore and what is left of volumes", await VeleroPreflight.OfServerAsync(_api, cancellationToken))
    {
        // The scratch namespace is the drill's own and stands on no list.
        Touches = [VeleroPreflight.Making(options.VeleroNamespace, "Restore"), .. (options.ForEach?.Namespaces ?? [ns]).Select(from => VeleroPreflight.Making(from, "ConfigMap"))],
    });

    private IEnumerable<(string Resource, string ApiVersion, string Kind)> Usual => RestoredObjects.Usual.Where(u => !options.LeaveOut.Contains(u.Resource));

    private static string Prefix(string from) => $"{(from.Length > 45 ? from[..45].TrimEnd('-') : from)}-drill";

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        if (session.Chosen is not { } chosen)
        {
            return ActivityOutcome.Unknown("no backup was chosen: put a veleroBackup or veleroBackupSelect step before this one");
        }

        if (options.ForEach is not { } each)
        {
            await VerifyAsync(ns, chosen, report, cancellationToken);
            return ActivityOutcome.Done;
        }

        var left = new ConcurrentQueue<string>(each.Namespaces);
        await Task.WhenAll(Enumerable.Range(0, each.AtOnce).Select(_ => WorkAsync()));
        return ActivityOutcome.Done;

        async Task WorkAsync()
        {
            while (left.TryDequeue(out var one))
            {
                // The markers of this run are in the scenario's namespace alone.
                await RowAsync(one, one == ns ? chosen : chosen with { Before = null, After = null }, report, cancellationToken);
            }
        }
    });

    /// <summary>One namespace of several: that it could not be verified is its own finding, and the others go on.</summary>
    private async Task RowAsync(string from, ChosenBackup chosen, IActivityReport report, CancellationToken cancellationToken)
    {
        var row = new NamespaceRow(report, from, client.Clock);
        try
        {
            await ClusterFailure.Translate(() => VerifyAsync(from, chosen, row, cancellationToken));
        }
        catch (ClusterException e)
        {
            row.Check("it can be verified", null, e.Message);
        }

        row.End();
    }

    private async Task VerifyAsync(string from, ChosenBackup chosen, IActivityReport report, CancellationToken cancellationToken)
    {
        var run = RunId.New();
        var scratch = new ScratchNamespace($"{Prefix(from)}-{run}", options.VeleroNamespace, $"chaosdrill-{run}");
        var trial = new RestoreTrial(_api, chosen, from, scratch.Name, report) { Besides = Usual };
        if (await trial.ReadBackupAsync(cancellationToken) is not { } contents)
        {
            return;
        }

        await trial.CheckCoverageAsync(contents, cancellationToken);
        var defusal = Defusal.Of(contents, from, await _api.VersionAsync(cancellationToken), options.LeaveOut);
        var expected = RestoreComparison.ExpectedOf(defusal.Applied(contents), from, defusal.LeftOut);
        Tell(report, from, contents, defusal);
        var after = chosen.After ?? (await client.FindAsync(Resources.Namespaces, null, from, cancellationToken) is null ? null
            : await Markers.PlantAsync(client, from, "after", [], report, cancellationToken));

        var undo = report.RecordUndo(ScratchNamespace.UndoKind, $"remove scratch namespace {scratch.Name} and restore {scratch.Restore}", scratch.Payload);
        await scratch.MakeAsync(client, contents.FirstOrDefault(i => i.Resource == "namespaces" && i.Name == from)?.Json, undo, cancellationToken);
        var (closed, evidence) = await scratch.IsClosedAsync(client, cancellationToken);
        trial.Check("the scratch namespace is closed before anything is restored into it", closed, evidence);
        if (closed && await trial.RestoreAsync(scratch.Restore, await SpecAsync(from, scratch, chosen, defusal, cancellationToken), options.Timeout, cancellationToken) is true)
        {
            await trial.LookAsync(contents, expected, scratch.Restore, after, options.AwaitReady ? options.ReadyWithin : null, options.Checks, cancellationToken);
            await trial.CheckSpillAsync(scratch.Restore, expected, cancellationToken);
            (closed, evidence) = await scratch.IsClosedAsync(client, cancellationToken);
            trial.Check("the scratch namespace is still closed", closed, evidence);
            trial.Verified();
        }

        await RemoveAsync(scratch, undo, report, cancellationToken);
    }

    private async Task<JsonObject> SpecAsync(string from, ScratchNamespace scratch, ChosenBackup chosen, Defusal defusal, CancellationToken cancellationToken)
    {
        var spec = new JsonObject
        {
            ["backupName"] = chosen.Name,
            ["includedNamespaces"] = new JsonArray(from),
            ["namespaceMapping"] = new JsonObject { [from] = scratch.Name },
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

    private static void Tell(IActivityReport report, string from, IReadOnlyList<BackedUp> contents, Defusal defusal)
    {
        var left = contents.Where(i => i.Namespace == from && defusal.LeftOut.Contains(i.Resource)).GroupBy(i => i.Resource).Select(g => $"{g.Count()} {g.Key}").ToList();
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
