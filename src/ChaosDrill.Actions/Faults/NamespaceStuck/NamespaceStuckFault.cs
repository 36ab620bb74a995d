using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.NamespaceStuck;

/// <summary>Makes and deletes a namespace that an object's finalizer holds; proved when its own conditions say so.</summary>
internal sealed class NamespaceStuckFault(KubernetesClient client, NamespaceStuck options) : IFault
{
    // Pods go first, and a loaded namespace controller takes its time.
    private static readonly TimeSpan EffectLimit = TimeSpan.FromMinutes(2);

    private Target Target => new("Namespace", null, options.Namespace, options.Namespace);

    public IReadOnlyList<AccessNeed> Needs => HeldNamespace.Needs(options.Namespace);

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var there = await client.FindAsync(Resources.Namespaces, null, options.Namespace, cancellationToken);
        return new FaultPlan(
            $"make namespace {options.Namespace} with a finalizer in it that nobody takes off, and delete it", [Target], 1, "take the finalizer off, and wait until the namespace is gone",
            there is null ? []
                : [new Refusal(RefusalKind.Guard, $"namespace {options.Namespace} is there already; this fault makes one of its own", "name one that is not there; what an earlier drill left goes with: chaosdrill sweep --context NAME --all")])
        {
            Touches = [new Touched(Target) { IsNew = true }],
        };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(() => Sighting.AroundAsync(
        client, Place.Namespaces, null, new WatchOptions { FieldSelector = $"metadata.name={options.Namespace}" },
        e =>
        {
            if (e.Object.ValueKind != System.Text.Json.JsonValueKind.Object || HeldNamespace.HoldOf(JsonObject.Create(e.Object)!) is not { } hold)
            {
                return false;
            }

            report.TookEffect(Target, hold, e.ReceivedAt);
            return true;
        },
        async () =>
        {
            var held = new HeldNamespace(options.Namespace);
            var undo = report.RecordUndo(HeldNamespace.UndoKind, $"let namespace {options.Namespace} go", held.Payload, HeldNamespace.UndoLimit);
            await held.MakeAsync(client, undo, cancellationToken);
            report.Requested(Target);
            await held.DeleteAsync(client, undo, cancellationToken);
            report.Acknowledged(Target);
        },
        EffectLimit, cancellationToken));
}
