using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Makes room for a pod by ending pods of lower priority, all on one node: the one where that harms least.</summary>
/// <remarks>Source: kubernetes/kubernetes, pkg/scheduler/framework/preemption. Only room is made: cpu, memory and the number of pods.</remarks>
internal sealed class Preemption(ControlPlane plane)
{
    private const string Component = "default-scheduler";

    /// <summary>A node that refuses a pod for want of room.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Pods">How many pods it has.</param>
    /// <param name="Used">What they ask for.</param>
    internal sealed record Full(NodeFit Node, int Pods, PodRequests Used);

    private sealed record Choice(string Node, List<StoredObject> Victims, int Violations);

    public static long PriorityOf(StoredObject pod) => pod.Spec.Int("priority") ?? 0;

    /// <summary>Why a pod may not preempt at all, in the scheduler's words; null when it may.</summary>
    public string? Refuse(StoredObject pod) =>
        pod.Spec.Str("preemptionPolicy") == "Never" ? "not eligible due to preemptionPolicy=Never."
        : pod.Status.Str("nominatedNodeName") is { } node && plane.Store.PodsOn(node).Exists(p => p.IsDeleting && PriorityOf(p) < PriorityOf(pod))
            ? "not eligible due to a terminating pod on the nominated node."
            : null;

    /// <summary>Ends what has to end, and says where there will be room; null when nothing would help.</summary>
    public string? MakeRoom(StoredObject pod, IEnumerable<Full> nodes)
    {
        var best = nodes.Select(n => Choose(pod, n)).OfType<Choice>()
            .OrderBy(c => c.Violations)
            .ThenBy(c => c.Victims.Max(PriorityOf))
            .ThenBy(c => c.Victims.Sum(v => PriorityOf(v) + int.MaxValue + 1L))
            .ThenBy(c => c.Victims.Count)
            .ThenBy(c => c.Node, StringComparer.Ordinal)
            .FirstOrDefault();
        foreach (var victim in best?.Victims ?? [])
        {
            plane.Events.Record(victim, "Normal", "Preempted", $"Preempted by pod {pod.Uid} on node {best!.Node}", Component, action: "Preempting");
            var marked = plane.Registry.Change(victim, json => PodConditions.Set(
                json, "DisruptionTarget", "True", plane.NowText, "PreemptionByScheduler", $"{Component}: preempting to accommodate a higher priority pod"));
            plane.Registry.Delete(marked, null);
        }

        return best?.Node;
    }

    /// <summary>The fewest pods of one node that have to go; null when even all of lower priority are not enough.</summary>
    private Choice? Choose(StoredObject pod, Full full)
    {
        var lower = plane.Store.PodsOn(full.Node.Name).FindAll(p => PodConditions.IsAlive(p) && PriorityOf(p) < PriorityOf(pod));
        var wanted = PodRequests.Of(pod);
        var (count, used) = (full.Pods, full.Used);
        lower.ForEach(Leave);
        if (lower.Count == 0 || !Fits())
        {
            return null;
        }

        // Those that may stay do: first those whose budget would be violated, then the most important.
        var victims = new List<StoredObject>();
        foreach (var other in lower.OrderByDescending(IsProtected).ThenByDescending(PriorityOf).ThenBy(p => p.Status.Str("startTime"), StringComparer.Ordinal))
        {
            count++;
            used += PodRequests.Of(other);
            if (!Fits())
            {
                Leave(other);
                victims.Add(other);
            }
        }

        return victims.Count == 0 ? null : new Choice(full.Node.Name, victims, victims.Count(IsProtected));

        bool Fits() => full.Node.Refuse(pod, wanted, count, used) is null;

        void Leave(StoredObject other)
        {
            count--;
            used -= PodRequests.Of(other);
        }
    }

    private bool IsProtected(StoredObject pod) =>
        plane.Store.List(BuiltInTypes.PodDisruptionBudgets, pod.Namespace).Any(b => Budgets.Covers(b, pod) && (b.Status.Int("disruptionsAllowed") ?? 0) <= 0);
}
