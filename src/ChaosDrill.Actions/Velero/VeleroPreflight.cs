using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Velero;

/// <summary>What stands in the way of a backup or a restore, in words that say what to do.</summary>
internal static class VeleroPreflight
{
    /// <summary>Rights that every step needs.</summary>
    public static IReadOnlyList<AccessNeed> Needs(string home) =>
    [
        .. Rights(home, "backups", "get"), .. Rights(home, "backupstoragelocations", "get", "list"),
        .. Rights(home, "downloadrequests", "create", "get", "delete"), .. Rights(home, "restores", "list"),
    ];

    /// <summary>Rights on one kind of Velero's.</summary>
    public static IEnumerable<AccessNeed> Rights(string home, string resource, params string[] verbs) => verbs.Select(verb => new AccessNeed(verb, "velero.io", resource, home, "drive Velero"));

    /// <summary>What a step makes in Velero's namespace, as guards ask about it.</summary>
    public static Touched Making(string home, string kind) => new(new Target(kind, home, "chaosdrill-...", "")) { IsNew = true };

    /// <summary>Whether Velero is there, its location usable, and nothing else being restored.</summary>
    public static async Task<IReadOnlyList<Refusal>> OfServerAsync(VeleroApi api, CancellationToken cancellationToken)
    {
        try
        {
            await api.Client.DiscoverAsync(VeleroApi.ApiVersion, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return [new Refusal(RefusalKind.Missing, $"Velero is not installed in this cluster: its API {VeleroApi.ApiVersion} is unknown", "install Velero, name another cluster with --context, or on the twin write twin: { velero: true }")];
        }

        var locations = await api.ListAsync(VeleroApi.Locations, null, cancellationToken);
        if (locations.Count == 0)
        {
            return
            [
                new Refusal(
                    RefusalKind.Missing, $"namespace {api.Home} holds no backup storage location, so no Velero works there",
                    "name the namespace of the Velero server in veleroNamespace; see: kubectl get backupstoragelocations -A"),
            ];
        }

        return
        [
            .. (await api.ListAsync(VeleroApi.Restores, null, cancellationToken)).Where(r => !VeleroPhase.IsTerminal(VeleroPhase.Of(r))).Select(busy => new Refusal(
                RefusalKind.Locked, $"restore {api.Home}/{NameOf(busy)} is {VeleroPhase.Of(busy)}; Velero restores one at a time, so the measured times would be those of both",
                $"wait until it has ended, or delete it: kubectl delete restore -n {api.Home} {NameOf(busy)}")),
        ];
    }

    /// <summary>Whether a location can be read now; old servers do not say.</summary>
    public static Refusal? OfLocation(VeleroApi api, string name, JsonObject? location) =>
        location is null
            ? new Refusal(RefusalKind.Missing, $"backup storage location {api.Home}/{name} does not exist", $"see: kubectl get backupstoragelocations -n {api.Home}")
            : (string?)location["status"]?["phase"] is { } phase and not "Available"
                ? new Refusal(RefusalKind.Missing, $"backup storage location {api.Home}/{name} is {phase}: {(string?)location["status"]?["message"] ?? "Velero gives no reason"}", "check its bucket and credentials; Velero looks again each minute")
                : null;

    /// <summary>Whether a backup can be restored from.</summary>
    public static async Task<Refusal?> OfBackupAsync(VeleroApi api, JsonObject backup, TimeSpan? maxAge, CancellationToken cancellationToken)
    {
        var name = NameOf(backup);
        var phase = VeleroPhase.Of(backup);
        var now = api.Client.Clock.GetUtcNow();
        if (phase != VeleroPhase.Completed || VeleroPhase.Count(backup, "errors") > 0)
        {
            return new Refusal(RefusalKind.Missing, $"backup {name} is no good source: {VeleroPhase.Ending(backup)}", $"see why: velero backup logs {name} -n {api.Home}; then name another, or make a new one");
        }

        if (backup["metadata"]?["deletionTimestamp"] is not null || VeleroPhase.Time(backup, "expiration") is { } expires && expires <= now)
        {
            return new Refusal(RefusalKind.Missing, $"backup {name} is expired or being deleted", "name another, or lengthen the ttl of its schedule");
        }

        if (maxAge is { } most && VeleroPhase.Time(backup, "startTimestamp") is var started && (started is null || now - started > most))
        {
            return new Refusal(
                RefusalKind.Missing,
                started is null ? $"backup {name} does not say when it was made" : $"backup {name} was made at {started:u}, {GoDuration.Format(Whole(now - started.Value))} ago; maxAge allows {GoDuration.Format(most)}",
                "find out why no newer one was made, or raise maxAge");
        }

        var location = (string?)backup["spec"]?["storageLocation"] is { Length: > 0 } named ? named : "default";
        return OfLocation(api, location, await api.FindAsync(VeleroApi.Locations, location, cancellationToken));
    }

    /// <summary>Where a location keeps its files: bucket and prefix, by which two clusters tell that they share it.</summary>
    public static string BucketOf(JsonObject location) =>
        $"{(string?)location["spec"]?["objectStorage"]?["bucket"]}/{((string?)location["spec"]?["objectStorage"]?["prefix"])?.Trim('/')}".TrimEnd('/');

    public static string NameOf(JsonObject item) => (string)item["metadata"]!["name"]!;

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
}
