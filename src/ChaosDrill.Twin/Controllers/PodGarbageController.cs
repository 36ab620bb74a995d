using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Removes pods that no kubelet will ever report on again: of nodes that are gone, or declared out of service.</summary>
internal sealed class PodGarbageController(ControlPlane plane)
{
    /// <summary>How often the real collector looks.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(20);

    /// <summary>How long a node must be missed before its pods are orphans.</summary>
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);

    private readonly Dictionary<string, DateTimeOffset> missing = new(StringComparer.Ordinal);

    /// <summary>Whether its program was stopped.</summary>
    public bool IsHalted { get; set; }

    /// <summary>Begins to look at regular times.</summary>
    public void Start() => plane.Loop.After(Period, Tick);

    public void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.Nodes)
        {
            if (change.Kind == ChangeKind.Deleted)
            {
                missing[change.Object.Name] = plane.Now;
            }
            else
            {
                missing.Remove(change.Object.Name);
            }
        }
    }

    private void Tick()
    {
        plane.Loop.After(Period, Tick);
        if (!plane.Gate.IsUp || IsHalted)
        {
            return;
        }

        foreach (var (node, _) in missing.Where(m => plane.Now - m.Value >= Quarantine).ToList())
        {
            foreach (var pod in plane.Store.PodsOn(node))
            {
                Remove(pod, json => PodConditions.Set(json, "DisruptionTarget", "True", plane.NowText, "DeletionByPodGC", "PodGC: node no longer exists"));
            }
        }

        foreach (var node in plane.Store.List(BuiltInTypes.Nodes).Where(n => NodeTaints.Has(n, NodeTaints.OutOfService)).ToList())
        {
            if (node.Status.Arr("conditions").Objects().FirstOrDefault(c => c.Str("type") == "Ready").Str("status") != "True")
            {
                foreach (var pod in plane.Store.PodsOn(node.Name).Where(p => p.IsDeleting))
                {
                    Remove(pod, _ => { });
                }
            }
        }
    }

    private void Remove(StoredObject pod, Action<JsonObject> mark)
    {
        pod = plane.Registry.Change(pod, json =>
        {
            mark(json);
            if (json.Child("status").Str("phase") is not ("Succeeded" or "Failed"))
            {
                json.Child("status")["phase"] = "Failed";
            }
        });
        plane.Registry.Delete(pod, new JsonObject { ["gracePeriodSeconds"] = 0L });
    }
}
