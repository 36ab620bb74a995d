using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Activities.Manifests;

/// <summary>Creates or changes one object, with the way back on record and on the object.</summary>
internal sealed class ApplyActivity(KubernetesClient client, string ns, Apply options) : IActivity
{
    private readonly JsonObject _manifest = ManifestText.TryRead(options.Manifest, out var read, out var problem) ? read : throw new ClusterException(problem);

    private string Name => (string)_manifest["metadata"]!["name"]!;

    public IReadOnlyList<AccessNeed> Needs => [];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<IReadOnlyList<AccessNeed>> NeedsAsync(CancellationToken cancellationToken) => ClusterFailure.Translate<IReadOnlyList<AccessNeed>>(async () =>
    {
        var resource = await ResolveAsync(cancellationToken);
        return
        [
            .. new[] { "get", "patch", "delete" }.Select(verb => new AccessNeed(verb, resource.Group, resource.Plural, ns, "apply a manifest, and put it back", Name)),
            new("create", resource.Group, resource.Plural, ns, "apply a manifest"),
            .. resource.Kind == "Deployment" ? Faults.Scale.ScaleFault.ReplicaSetNeeds(ns, Name) : [],
        ];
    });

    public Task<ActivityPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var resource = await ResolveAsync(cancellationToken);
        if (!resource.Namespaced || (string?)_manifest["metadata"]!["namespace"] is { } other && other != ns)
        {
            return new ActivityPlan($"apply {resource.Kind} {Name}", [], null, [new Refusal(RefusalKind.Guard, $"{resource.Kind} {Name} is not of namespace {ns}", "apply objects of the scenario's namespace only")]);
        }

        var there = await client.FindAsync(resource, ns, Name, cancellationToken);
        var exists = there.ValueKind == JsonValueKind.Object;
        var target = new Target(resource.Kind, ns, Name, exists ? (string)JsonObject.Create(there)!["metadata"]!["uid"]! : "");
        return new ActivityPlan(
            $"{(exists ? "change" : "create")} {target}", [target],
            exists ? "put back what it changed" : "delete it", [])
        {
            Touches = [new Touched(target) { IsNew = !exists, Labels = exists ? LabelsOf(there) : null }],
        };
    });

    public Task<ActivityOutcome> RunAsync(ActivityPlan plan, IActivityReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var resource = await ResolveAsync(cancellationToken);
        var there = await client.FindAsync(resource, ns, Name, cancellationToken);
        if (there.ValueKind == JsonValueKind.Object)
        {
            var found = JsonObject.Create(there)!;
            var place = new Place(resource, ns, Name, (string)found["metadata"]!["uid"]!);
            var reversal = MergeReversal.Of(place, found, _manifest);
            if (reversal.Of(found) == Standing.Drill)
            {
                return ActivityOutcome.Done;
            }

            var undo = report.RecordUndo(MergeReversal.UndoKind, $"put {place} back as it was", reversal.ToJson().ToJsonString());
            await MarkedChange.MakeAsync(client, reversal, undo, cancellationToken);
            return ActivityOutcome.Done;
        }

        var made = CreatedObject.Of(resource, ns, _manifest);
        var away = report.RecordUndo(CreatedObject.UndoKind, $"delete {resource.Kind} {ns}/{Name}", made.Payload);
        await made.MakeAsync(client, _manifest, away, cancellationToken);
        return ActivityOutcome.Done;
    });

    private static Dictionary<string, string> LabelsOf(JsonElement there) =>
        (JsonObject.Create(there)!["metadata"]!["labels"] as JsonObject ?? []).ToDictionary(l => l.Key, l => (string?)l.Value ?? "");

    private Task<Resource<JsonElement>> ResolveAsync(CancellationToken cancellationToken) =>
        client.ResolveAsync((string)_manifest["apiVersion"]!, (string)_manifest["kind"]!, cancellationToken);
}
