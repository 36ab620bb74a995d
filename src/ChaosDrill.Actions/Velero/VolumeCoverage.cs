using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Velero;

/// <summary>Which claims' data a backup holds, by its volume information.</summary>
internal static class VolumeCoverage
{
    /// <summary>The claims whose data is not in it, with the reason; null when there is no information.</summary>
    public static IReadOnlyList<string>? Missing(IEnumerable<string> claims, string ns, JsonArray? infos) => infos is null ? null :
    [
        .. claims.Select(claim => (claim, Info: infos.OfType<JsonObject>().FirstOrDefault(i => (string?)i["pvcName"] == claim && (string?)i["pvcNamespace"] == ns)))
            .Where(c => c.Info is null || (bool?)c.Info["skipped"] == true || (string?)c.Info["result"] == "failed")
            .Select(c => $"{c.claim}: {(c.Info is null ? "no entry" : (string?)c.Info["skippedReason"] ?? "failed")}"),
    ];
}
