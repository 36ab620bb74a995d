using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>A control loop: notes which objects need a look, and looks at each once, a moment later.</summary>
internal abstract class Controller(ControlPlane plane)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly HashSet<ObjectKey> queued = [];
    private readonly List<Action> waiting = [];

    protected ControlPlane Plane { get; } = plane;

    protected ObjectStore Store => Plane.Store;

    protected Registry Registry => Plane.Registry;

    protected virtual TimeSpan Delay => Plane.Options.ControlPlaneDelay;

    /// <summary>Whether its program was stopped: what it notices waits.</summary>
    public bool IsHalted { get; private set; }

    public void Halt() => IsHalted = true;

    public void Resume()
    {
        IsHalted = false;
        Action[] actions = [.. waiting];
        waiting.Clear();
        foreach (var action in actions)
        {
            Plane.Loop.Post(() => WhenAble(action));
        }
    }

    /// <summary>Called inside a write: may only enqueue.</summary>
    public abstract void Notice(StoreChange change);

    protected abstract void Reconcile(ObjectKey key);

    protected void Enqueue(ObjectKey key)
    {
        if (queued.Add(key))
        {
            Plane.Loop.After(Delay, () => WhenAble(() =>
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

    /// <summary>Runs now, or when both this controller and the API server are there.</summary>
    protected void WhenAble(Action action) => Plane.Gate.WhenUp(() =>
    {
        if (IsHalted)
        {
            waiting.Add(action);
        }
        else
        {
            action();
        }
    });

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
