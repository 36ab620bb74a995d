using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Restores.VeleroBackup;

/// <summary>Makes a backup by its custom resource; decides by its phase and counts, never by a program's exit code.</summary>
internal sealed class VeleroBackupActivity(KubernetesClient client, string ns, VeleroSession session, VeleroBackup options) : IActivity
{
    private readonly VeleroApi _api = new(client, options.VeleroNamespace);

    // Told before anything is planned: whoever restores needs the right to read what is planted here.
    private readonly bool _plantsFiles = session.PlantsFiles |= options.VolumeMarkers.Count > 0;

    public IReadOnlyList<AccessNeed> Needs =>
    [
        .. VeleroPreflight.Needs(options.VeleroNamespace), .. VeleroPreflight.Rights(options.VeleroNamespace, "backups", "create", "list", "watch"),
        .. new[] { "create", "get", "delete" }.Select(verb => new AccessNeed(verb, "", "configmaps", ns, "plant markers and remove them")),
        .. !_plantsFiles ? [] : CheckRun.NeedsToRun(ns, "plant markers in volumes and remove them").Append(new("patch", "", "configmaps", ns, "plant markers in volumes"))
            .Append(new("get", "", "pods", ns, "see that a volume is mounted where a marker is to be planted")),
    ];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var refusals = (await VeleroPreflight.OfServerAsync(_api, cancellationToken)).ToList();
        if (refusals.Count == 0)
        {
            var location = options.StorageLocation ?? "default";
            refusals.AddRange(((IEnumerable<Refusal?>)[VeleroPreflight.OfLocation(_api, location, await _api.FindAsync(VeleroApi.Locations, location, cancellationToken))]).OfType<Refusal>());
        }

        foreach (var place in options.VolumeMarkers)
        {
            if (await VolumeMarker.ObstacleAsync(client, ns, place, cancellationToken) is { } obstacle)
            {
                refusals.Add(new Refusal(RefusalKind.Missing, $"no marker can be planted in a volume: {obstacle}", "correct volumeMarkers"));
            }
        }

        return new ActivityPlan(
            $"back up namespace {ns} with Velero, at most {GoDuration.Format(options.Timeout)}; Velero deletes the backup after {GoDuration.Format(options.Ttl)}",
            [], "remove the markers; the backup stays until its ttl is over", refusals)
        {
            Touches = [VeleroPreflight.Making(options.VeleroNamespace, "Backup"), VeleroPreflight.Making(ns, "ConfigMap")],
        };
    });

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        session.Chosen = null;
        var before = await Markers.PlantAsync(client, ns, "before", options.VolumeMarkers, report, cancellationToken);
        var name = $"chaosdrill-{(ns.Length > 40 ? ns[..40] : ns)}-{RunId.New()}";
        var spec = new JsonObject { ["includedNamespaces"] = new JsonArray(ns), ["ttl"] = GoDuration.Format(options.Ttl), ["storageLocation"] = options.StorageLocation ?? "default" };
        if (options.VolumesByFiles)
        {
            spec["defaultVolumesToFsBackup"] = true;
        }

        var backup = await _api.RunAsync(VeleroApi.Backups, name, spec, (phase, at) => report.Phase($"backup {phase}", name, at), options.Timeout, cancellationToken);
        if (backup is null || !VeleroPhase.IsTerminal(VeleroPhase.Of(backup)))
        {
            return ActivityOutcome.Unknown(
                $"backup {name} was not at its end after {GoDuration.Format(options.Timeout)}: {(backup is null ? "it is gone" : VeleroPhase.Of(backup))}; is the Velero server running?");
        }

        report.Check($"backup {name} is complete", VeleroPhase.Of(backup) == VeleroPhase.Completed && VeleroPhase.Count(backup, "errors") == 0, VeleroPhase.Ending(backup));
        session.Chosen = new ChosenBackup(backup, before, await Markers.PlantAsync(client, ns, "after", options.VolumeMarkers, report, cancellationToken));
        return ActivityOutcome.Done;
    });
}
