using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Faults.NetworkPartition;

/// <summary>The network policy that cuts some pods off from others. Policies can only allow, so it allows everybody but them.</summary>
internal static class PartitionPolicy
{
    private const string NamespaceLabel = "kubernetes.io/metadata.name";

    /// <summary>The labels of a selector of the form <c>KEY=VALUE,KEY=VALUE</c>; null when it is something else.</summary>
    public static IReadOnlyList<(string Key, string Value)>? Parse(string? selector)
    {
        var labels = (selector ?? "").Split(',', StringSplitOptions.TrimEntries).Select(part => part.Replace("==", "=", StringComparison.Ordinal).Split('=')).ToList();
        return labels.TrueForAll(l => l is [{ Length: > 0 } key, { Length: > 0 }] && !key.EndsWith('!')) ? [.. labels.Select(l => (l[0], l[1]))] : null;
    }

    /// <summary>One name for each pair of selectors.</summary>
    public static string NameOf(string from, string to) =>
        "chaosdrill-partition-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{from}\n{to}")))[..8];

    /// <summary>The policy.</summary>
    public static JsonObject Of(string ns, string from, string to) => new()
    {
        ["apiVersion"] = "networking.k8s.io/v1",
        ["kind"] = "NetworkPolicy",
        ["metadata"] = new JsonObject { ["name"] = NameOf(from, to), ["namespace"] = ns },
        ["spec"] = new JsonObject
        {
            ["podSelector"] = new JsonObject { ["matchLabels"] = new JsonObject(Parse(to)!.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))) },
            ["policyTypes"] = new JsonArray("Ingress"),
            ["ingress"] = new JsonArray(new JsonObject
            {
                // Who lacks one of the labels is none of those that are cut off.
                ["from"] = new JsonArray(
                [
                    .. Parse(from)!.Select(l => new JsonObject { ["podSelector"] = Without(l.Key, l.Value) }),
                    new JsonObject { ["namespaceSelector"] = Without(NamespaceLabel, ns) },
                ]),
            }),
        },
    };

    private static JsonObject Without(string key, string value) => new()
    {
        ["matchExpressions"] = new JsonArray(new JsonObject { ["key"] = key, ["operator"] = "NotIn", ["values"] = new JsonArray(value) }),
    };
}
