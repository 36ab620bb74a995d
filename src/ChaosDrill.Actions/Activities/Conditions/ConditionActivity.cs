using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Activities.Conditions;

/// <summary>Looks at an object, once or until what is asked of it holds.</summary>
internal sealed class ConditionActivity(KubernetesClient client, string ns, ObjectCondition options, TimeSpan? timeout) : IActivity
{
    private string Object => $"{options.ObjectKind} {ns}/{options.Name}";

    private string Asked => options switch
    {
        { Absent: true } => $"{Object} is gone",
        { Condition: { } condition } => $"{Object} is {condition}",
        { EqualTo: { } } => $"{Object} has the given value at {options.Path}",
        _ => $"{Object} has a value at {options.Path}",
    };

    public IReadOnlyList<AccessNeed> Needs => [];

    public Task<IReadOnlyList<AccessNeed>> NeedsAsync(CancellationToken cancellationToken) => ClusterFailure.Translate<IReadOnlyList<AccessNeed>>(async () =>
    {
        var resource = await client.ResolveAsync(options.ApiVersion, options.ObjectKind, cancellationToken);
        string[] verbs = timeout is null ? ["get"] : ["list", "watch"];
        return [.. verbs.Select(verb => new AccessNeed(verb, resource.Group, resource.Plural, resource.Namespaced ? ns : null, "look at an object", options.Name))];
    });

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        await client.ResolveAsync(options.ApiVersion, options.ObjectKind, cancellationToken);
        return new ActivityPlan(timeout is { } limit ? $"wait until {Asked}, at most {GoDuration.Format(limit)}" : $"check that {Asked}", [], null, []);
    });

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var resource = await client.ResolveAsync(options.ApiVersion, options.ObjectKind, cancellationToken);
        var where = resource.Namespaced ? ns : null;
        Finding? finding;
        if (timeout is { } limit)
        {
            finding = null;
            await Sighting.AroundAsync(
                client, resource, where, new WatchOptions { FieldSelector = $"metadata.name={options.Name}" },
                e =>
                {
                    // An object that is not there shows as a list without it.
                    finding = e.Type is WatchEventType.Deleted ? Finding.Of(options, null)
                        : e.Object.ValueKind == System.Text.Json.JsonValueKind.Object ? Finding.Of(options, JsonObject.Create(e.Object))
                        : e.Type == WatchEventType.Synced ? finding ?? Finding.Of(options, null)
                        : finding;
                    return finding is { Holds: true };
                },
                () => Task.CompletedTask, limit, cancellationToken);
        }
        else
        {
            finding = Finding.Of(options, await new Place(resource, where, options.Name, "").FindAsync(client, cancellationToken));
        }

        report.Check(Asked, finding?.Holds, finding?.Evidence ?? "nothing was seen of it");
        return ActivityOutcome.Done;
    });
}
