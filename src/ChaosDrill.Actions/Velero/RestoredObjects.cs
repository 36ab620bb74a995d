using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Velero;

/// <summary>What is in a namespace of the kinds that a backup holds.</summary>
internal static class RestoredObjects
{
    /// <summary>What most namespaces are made of. A verification always looks at it, so that a role can name it before any backup was read.</summary>
    public static readonly IReadOnlyList<(string Resource, string ApiVersion, string Kind)> Usual =
    [
        ("pods", "v1", "Pod"), ("configmaps", "v1", "ConfigMap"), ("secrets", "v1", "Secret"), ("services", "v1", "Service"),
        ("serviceaccounts", "v1", "ServiceAccount"), ("persistentvolumeclaims", "v1", "PersistentVolumeClaim"),
        ("deployments.apps", "apps/v1", "Deployment"), ("statefulsets.apps", "apps/v1", "StatefulSet"), ("daemonsets.apps", "apps/v1", "DaemonSet"), ("replicasets.apps", "apps/v1", "ReplicaSet"),
        ("jobs.batch", "batch/v1", "Job"), ("cronjobs.batch", "batch/v1", "CronJob"), ("poddisruptionbudgets.policy", "policy/v1", "PodDisruptionBudget"),
        ("ingresses.networking.k8s.io", "networking.k8s.io/v1", "Ingress"), ("networkpolicies.networking.k8s.io", "networking.k8s.io/v1", "NetworkPolicy"),
        ("roles.rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1", "Role"), ("rolebindings.rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1", "RoleBinding"),
    ];

    /// <summary>The rights to list resources, as Velero names them: <c>deployments.apps</c>.</summary>
    public static IEnumerable<AccessNeed> Needs(IEnumerable<string> resources, string? ns) => resources.Select(r => r.Split('.', 2))
        .Select(parts => new AccessNeed("list", parts.Length > 1 ? parts[1] : "", parts[0], ns, "compare what was restored"));

    /// <summary>Lists kind by kind.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="expected">Objects whose kinds are listed.</param>
    /// <param name="ns">Where.</param>
    /// <param name="labels">Which of them; null is all.</param>
    /// <param name="cancellationToken">Stops between two kinds.</param>
    /// <param name="besides">Kinds that are listed whatever is expected.</param>
    /// <returns>By resource and name. A kind that the cluster does not know has none.</returns>
    /// <exception cref="ApiException">A kind may not be listed; it says which.</exception>
    public static async Task<IReadOnlyDictionary<(string Resource, string Name), JsonObject>> ReadAsync(
        KubernetesClient client, IReadOnlyList<BackedUp> expected, string ns, string? labels, CancellationToken cancellationToken,
        IEnumerable<(string Resource, string ApiVersion, string Kind)>? besides = null)
    {
        var found = new Dictionary<(string, string), JsonObject>();
        foreach (var kind in expected.Select(i => (i.Resource, i.ApiVersion, i.Kind)).Concat((besides ?? []).Where(b => expected.All(i => i.Resource != b.Resource))).Distinct())
        {
            try
            {
                var items = await client.ListAsync(Kind(kind.Resource, kind.ApiVersion, kind.Kind), ns, new ListOptions { LabelSelector = labels }, cancellationToken);
                foreach (var json in items.Items.Select(i => JsonObject.Create(i)!))
                {
                    // Objects of a list come without their kind.
                    json["kind"] ??= kind.Kind;
                    found[(kind.Resource, VeleroPreflight.NameOf(json))] = json;
                }
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // None of its objects is there.
            }
        }

        return found;
    }

    private static Resource<JsonElement> Kind(string resource, string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var dot = resource.IndexOf('.', StringComparison.Ordinal);
        return Resources.Any(slash < 0 ? "" : apiVersion[..slash], apiVersion[(slash + 1)..], dot < 0 ? resource : resource[..dot], kind, namespaced: true);
    }
}
