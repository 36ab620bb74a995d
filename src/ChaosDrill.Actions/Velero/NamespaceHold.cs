using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Velero;

/// <summary>What keeps a namespace from going, in the namespace controller's own words.</summary>
internal static class NamespaceHold
{
    public static string Of(JsonObject ns)
    {
        var reasons = (ns["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(c => (string?)c["status"] == "True").Select(c => (string?)c["message"]).Where(m => m is not null).ToList();
        return reasons.Count > 0 ? string.Join("; ", reasons) : "the cluster gives no reason yet";
    }
}
