using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>What is in a namespace of the kinds that a backup holds.</summary>
internal static class RestoredObjects
{
    /// <summary>Lists kind by kind.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="expected">Objects whose kinds are listed.</param>
    /// <param name="ns">Where.</param>
    /// <param name="labels">Which of them; null is all.</param>
    /// <param name="cancellationToken">Stops between two kinds.</param>
    /// <returns>By resource and name. A kind that the cluster does not know has none.</returns>
    /// <exception cref="ApiException">A kind may not be listed; it says which.</exception>
    public static async Task<IReadOnlyDictionary<(string Resource, string Name), JsonObject>> ReadAsync(
        KubernetesClient client, IEnumerable<BackedUp> expected, string ns, string? labels, CancellationToken cancellationToken)
    {
        var found = new Dictionary<(string, string), JsonObject>();
        foreach (var kind in expected.GroupBy(i => (i.Resource, i.ApiVersion, i.Kind)))
        {
            try
            {
                var items = await client.ListAsync(Kind(kind.Key.Resource, kind.Key.ApiVersion, kind.Key.Kind), ns, new ListOptions { LabelSelector = labels }, cancellationToken);
                foreach (var json in items.Items.Select(i => JsonObject.Create(i)!))
                {
                    // Objects of a list come without their kind.
                    json["kind"] ??= kind.Key.Kind;
                    found[(kind.Key.Resource, VeleroPreflight.NameOf(json))] = json;
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
