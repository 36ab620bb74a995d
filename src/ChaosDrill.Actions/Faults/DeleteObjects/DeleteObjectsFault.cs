using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.DeleteObjects;

/// <summary>Deletes objects, each only as the very one that was planned; proved when a watch shows it gone.</summary>
internal sealed class DeleteObjectsFault(KubernetesClient client, string ns, DeleteObjects options) : IFault
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(30);

    private string Keepers => options is { ObjectKind: "Secret", ApiVersion: "v1" } ? "secrets" : "configmaps";

    /// <summary>Only of what is kept: how the kind itself is called in rules is the server's to say.</summary>
    public IReadOnlyList<AccessNeed> Needs =>
        [.. new[] { "get", "create", "delete" }.Select(verb => new AccessNeed(verb, "", Keepers, ns, "keep deleted objects until they are put back"))];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<IReadOnlyList<AccessNeed>> NeedsAsync(CancellationToken cancellationToken) => ClusterFailure.Translate<IReadOnlyList<AccessNeed>>(async () =>
    {
        var resource = await client.ResolveAsync(options.ApiVersion, options.ObjectKind, cancellationToken);
        return
        [
            Need("list", null, "find the objects to delete"),
            Need("create", null, "create deleted objects anew"),
            .. from name in options.Names.DefaultIfEmpty()
               from need in new[] { Need("get", name, "save objects"), Need("delete", name, "delete objects"), Need("watch", name, "see objects gone") }
               select need,
            .. Needs,
        ];

        AccessNeed Need(string verb, string? name, string why) =>
            new(verb, resource.Group, resource.Plural, resource.Namespaced ? ns : null, why, name);
    });

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var resource = await client.ResolveAsync(options.ApiVersion, options.ObjectKind, cancellationToken);
        if (!resource.Namespaced)
        {
            return new FaultPlan($"delete {options.ObjectKind}", [], 0, null, [new Refusal(RefusalKind.Guard, $"{options.ObjectKind} is a kind of the whole cluster; only objects of namespace {ns} are deleted", "name another kind")]);
        }

        var all = (await client.ListAsync(resource, ns, new ListOptions { LabelSelector = options.Selector }, cancellationToken)).Items
            .Select(i => JsonObject.Create(i)!["metadata"]!.AsObject()).ToList();
        var chosen = all.Where(m => options.Names.Count == 0 || options.Names.Contains((string)m["name"]!))
            .OrderBy(m => (string)m["name"]!, StringComparer.Ordinal)
            .Select(m => new Target(resource.Kind, ns, (string)m["name"]!, (string)m["uid"]!)).ToList();
        return new FaultPlan(
            $"delete {chosen.Count} of {all.Count} {resource.Plural}: {string.Join(", ", chosen.Select(c => c.Name))}",
            chosen, all.Count, "create them anew as they were", [.. Refusals(resource, chosen)]);
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var resource = await client.ResolveAsync(options.ApiVersion, options.ObjectKind, cancellationToken);
        foreach (var target in plan.Targets)
        {
            await Sighting.AroundAsync(
                client, resource, ns, new WatchOptions { FieldSelector = $"metadata.name={target.Name}" },
                e =>
                {
                    if (e.Type != WatchEventType.Deleted)
                    {
                        return false;
                    }

                    report.TookEffect(target, $"uid {target.Uid} is gone", e.ReceivedAt);
                    return true;
                },
                () => DeleteAsync(resource, target, report, cancellationToken), EffectLimit, cancellationToken);
        }
    });

    private async Task DeleteAsync(Resource<JsonElement> resource, Target target, IFaultReport report, CancellationToken cancellationToken)
    {
        var saved = new SavedObject(new Place(resource, ns, target.Name, target.Uid));
        var found = await saved.Place.FindAsync(client, cancellationToken) ?? throw new ClusterException($"{target} is gone already");
        var undo = report.RecordUndo(SavedObject.UndoKind, $"create {target} anew", saved.Payload);
        await saved.KeepAsync(client, found, undo, cancellationToken);
        report.Requested(target);

        // By version: what was saved is what is deleted.
        await client.DeleteAsync(
            resource, ns, target.Name,
            new DeleteOptions { PreconditionUid = target.Uid, PreconditionResourceVersion = (string?)found["metadata"]!["resourceVersion"] }, cancellationToken);
        report.Acknowledged(target);
    }

    private IEnumerable<Refusal> Refusals(Resource<JsonElement> resource, List<Target> chosen)
    {
        foreach (var missing in options.Names.Where(n => chosen.All(c => c.Name != n)))
        {
            yield return new Refusal(RefusalKind.Missing, $"{options.ObjectKind} {ns}/{missing} does not exist", $"see what is there with: kubectl get {resource.Plural} -n {ns}");
        }

        if (chosen.Count == 0 && options.Names.Count == 0)
        {
            yield return new Refusal(RefusalKind.NoTargets, $"no {options.ObjectKind} in namespace {ns} matches {options.Selector}; nothing was touched", $"see what is there with: kubectl get {resource.Plural} -n {ns} --show-labels");
        }
    }
}
