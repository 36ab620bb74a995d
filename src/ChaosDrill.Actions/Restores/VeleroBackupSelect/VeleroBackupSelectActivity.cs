using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Restores.VeleroBackupSelect;

/// <summary>Chooses among the backups that are there.</summary>
internal sealed class VeleroBackupSelectActivity(KubernetesClient client, VeleroSession session, VeleroBackupSelect options) : IActivity
{
    private readonly VeleroApi _api = new(client, options.VeleroNamespace);
    private JsonObject? _found;

    public IReadOnlyList<AccessNeed> Needs =>
        [.. VeleroPreflight.Needs(options.VeleroNamespace), .. options.Backup is null ? VeleroPreflight.Rights(options.VeleroNamespace, "backups", "list") : []];

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var server = await VeleroPreflight.OfServerAsync(_api, cancellationToken);
        if (server.Count > 0)
        {
            return new ActivityPlan("select a Velero backup", [], null, server);
        }

        if (await FindAsync(random, cancellationToken) is not { } found)
        {
            var what = options.Backup is { } named ? $"there is no backup {options.VeleroNamespace}/{named}"
                : $"there is no completed backup{(options.Schedule is { } schedule ? $" of schedule {schedule}" : "")}{(options.RandomWithin is { } window ? $" of the last {GoDuration.Format(window)}" : "")} in namespace {options.VeleroNamespace}";
            return new ActivityPlan("select a Velero backup", [], null, [new Refusal(RefusalKind.Missing, what, $"see what is there: kubectl get backups -n {options.VeleroNamespace}")]);
        }

        _found = found;
        var refusal = await VeleroPreflight.OfBackupAsync(_api, found, options.MaxAge, cancellationToken);
        return new ActivityPlan(
            $"restore from backup {VeleroPreflight.NameOf(found)}, begun at {VeleroPhase.Time(found, "startTimestamp"):u}",
            [], null, refusal is null ? [] : [refusal]);
    });

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken)
    {
        session.Chosen = new ChosenBackup(_found!, null, null);
        report.Check($"backup {session.Chosen.Name} is complete", true, VeleroPhase.Ending(_found!));
        return Task.FromResult(ActivityOutcome.Done);
    }

    private async Task<JsonObject?> FindAsync(Random random, CancellationToken cancellationToken)
    {
        if (options.Backup is { } name)
        {
            return await _api.FindAsync(VeleroApi.Backups, name, cancellationToken);
        }

        var labels = options.Schedule is { } schedule ? $"velero.io/schedule-name={VeleroLabel.Of(schedule)}" : null;
        var good = (await _api.ListAsync(VeleroApi.Backups, labels, cancellationToken))
            .Where(b => VeleroPhase.Of(b) == VeleroPhase.Completed && b["metadata"]?["deletionTimestamp"] is null)
            .OrderByDescending(b => VeleroPhase.Time(b, "startTimestamp") ?? DateTimeOffset.MinValue).ThenBy(VeleroPreflight.NameOf, StringComparer.Ordinal).ToList();
        if (options.RandomWithin is { } window)
        {
            good.RemoveAll(b => VeleroPhase.Time(b, "startTimestamp") is not { } started || client.Clock.GetUtcNow() - started > window);
            return good.Count == 0 ? null : good[random.Next(good.Count)];
        }

        return good.FirstOrDefault();
    }
}
