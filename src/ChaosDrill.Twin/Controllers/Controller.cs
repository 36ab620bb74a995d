using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>A control loop: notes which objects need a look, and looks at each once, a moment later.</summary>
internal abstract class Controller(ControlPlane plane)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly HashSet<ObjectKey> queued = [];

    protected ControlPlane Plane { get; } = plane;

    protected ObjectStore Store => Plane.Store;

    protected Registry Registry => Plane.Registry;

    protected virtual TimeSpan Delay => Plane.Options.ControlPlaneDelay;

    /// <summary>Called inside a write: may only enqueue.</summary>
    public abstract void Notice(StoreChange change);

    protected abstract void Reconcile(ObjectKey key);

    protected void Enqueue(ObjectKey key)
    {
        if (queued.Add(key))
        {
            Plane.Loop.After(Delay, () => Plane.Gate.WhenUp(() =>
            {
                queued.Remove(key);
                try
                {
                    Reconcile(key);
                }
                catch (ApiException)
                {
                    // Refused (a namespace that is going, a name that is taken): tried again later, as every controller does.
                    EnqueueAfter(key, Retry);
                }
            }));
        }
    }

    /// <summary>Looks again later, whether or not something changes.</summary>
    protected void EnqueueAfter(ObjectKey key, TimeSpan delay) => Plane.Loop.After(delay, () => Enqueue(key));

    protected void EnqueueController(StoredObject? owned, ResourceType type)
    {
        if (owned is not null && Owners.ControllerOf(owned, type.Kind) is { } owner && Store.FindByUid(owner) is { } found)
        {
            Enqueue(found.Key);
        }
    }
}
