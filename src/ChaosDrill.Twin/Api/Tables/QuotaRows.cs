using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api.Tables;

internal static class QuotaRows
{
    public static readonly TableColumns Table = TableColumns.Of(
        ["Name", "Request", "Limit", "Age"],
        (quota, now) => [quota.Name, Used(quota.Status, limits: false), Used(quota.Status, limits: true), HumanDuration.Age(quota, now)]);

    private static string Used(JsonObject? status, bool limits) => string.Join(", ", (status.Obj("hard") ?? []).OrderBy(h => h.Key, StringComparer.Ordinal)
        .Where(h => h.Key.StartsWith("limits", StringComparison.Ordinal) == limits).Select(h => $"{h.Key}: {status.Obj("used")?[h.Key]}/{h.Value}"));
}
