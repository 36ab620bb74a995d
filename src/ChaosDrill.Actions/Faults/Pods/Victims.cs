using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.Pods;

/// <summary>Who can be killed and who is: pure functions of the pods at hand and the seeded source.</summary>
internal static class Victims
{
    /// <summary>Pods that live and are not on their way out, by name, so that the order of a list does not matter.</summary>
    public static IReadOnlyList<Pod> Candidates(IEnumerable<Pod> pods) =>
    [
        .. pods.Where(p => !p.IsTerminating && p.Status.Phase is not ("Succeeded" or "Failed"))
            .OrderBy(p => p.Metadata.Name, StringComparer.Ordinal),
    ];

    /// <summary>Chooses without repetition; every candidate is equally likely.</summary>
    public static IReadOnlyList<Pod> Choose(IReadOnlyList<Pod> candidates, PodKillMode mode, Amount? value, Random random)
    {
        var count = mode switch
        {
            PodKillMode.One => 1,
            PodKillMode.Fixed => value?.Count ?? 1,
            PodKillMode.Percent => Math.Max(1, value?.LimitOf(candidates.Count) ?? 1),
            _ => candidates.Count,
        };
        Pod[] shuffled = [.. candidates];
        random.Shuffle(shuffled);
        return [.. shuffled.Take(count).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal)];
    }
}
