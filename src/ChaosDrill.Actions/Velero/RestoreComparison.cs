using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Velero;

/// <summary>What of a backup must be there after a restore, and what is: a pure comparison.</summary>
/// <param name="Expected">How many objects were compared.</param>
/// <param name="Missing">Those that are not there.</param>
/// <param name="Differing">Those that differ, and in what.</param>
internal sealed record RestoreComparison(int Expected, IReadOnlyList<BackedUp> Missing, IReadOnlyList<(BackedUp Item, IReadOnlyList<JsonDifference> Differences)> Differing)
{
    /// <summary>Objects that are there as the backup has them.</summary>
    public int Matching => Expected - Missing.Count - Differing.Count;

    /// <summary>Kinds that are never restored, or that live on with their holders, so that the restored state says nothing.</summary>
    private static readonly string[] NotCompared =
        ["events", "events.events.k8s.io", "nodes", "endpoints", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io", "backups.velero.io", "restores.velero.io", "persistentvolumes"];

    /// <summary>The objects of a namespace that must come back as they are in the backup.</summary>
    /// <remarks>
    /// Left out are what the restore was told to leave out, what Velero never restores (ended pods, complete jobs, tokens,
    /// mirror pods), what the cluster furnishes every namespace with, and what a controller makes: its owner stands for it.
    /// </remarks>
    public static IReadOnlyList<BackedUp> ExpectedOf(IEnumerable<BackedUp> contents, string ns, IReadOnlyCollection<string> leftOut) =>
        [.. contents.Where(i => i.Namespace == ns && !NotCompared.Contains(i.Resource) && !leftOut.Contains(i.Resource) && !IsDerived(i) && !IsFurnished(i) && !IsSkipped(i))];

    /// <summary>Compares.</summary>
    /// <param name="expected">What must be there, in the form in which it was restored.</param>
    /// <param name="found">What is there, by resource and name.</param>
    /// <param name="from">The namespace that was backed up.</param>
    /// <param name="to">The namespace that it was restored to.</param>
    public static RestoreComparison Of(IReadOnlyList<BackedUp> expected, IReadOnlyDictionary<(string Resource, string Name), JsonObject> found, string from, string to)
    {
        var missing = new List<BackedUp>();
        var differing = new List<(BackedUp, IReadOnlyList<JsonDifference>)>();
        foreach (var item in expected)
        {
            if (!found.TryGetValue((item.Resource, item.Name), out var there))
            {
                missing.Add(item);
                continue;
            }

            IReadOnlyList<JsonDifference> differences = [.. JsonDifference.Between(ComparableForm.Of(item.Json, from, to), ComparableForm.Of(there, from, to))];
            if (differences.Count > 0)
            {
                differing.Add((item, differences));
            }
        }

        return new RestoreComparison(expected.Count, missing, differing);
    }

    private static bool IsDerived(BackedUp item) =>
        (item.Json["metadata"]?["ownerReferences"] as JsonArray ?? []).Any(o => (bool?)o?["controller"] == true);

    private static bool IsFurnished(BackedUp item) => (item.Resource, item.Name) is ("configmaps", "kube-root-ca.crt" or "openshift-service-ca.crt") or ("serviceaccounts", "default");

    private static bool IsSkipped(BackedUp item) => item.Resource switch
    {
        "pods" => (string?)item.Json["status"]?["phase"] is "Succeeded" or "Failed" || item.Json["metadata"]?["annotations"]?["kubernetes.io/config.mirror"] is not null,
        "jobs.batch" => item.Json["status"]?["completionTime"] is not null,
        "secrets" => (string?)item.Json["type"] == "kubernetes.io/service-account-token",
        _ => false,
    };
}
