using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api.Access;

/// <summary>The cluster roles and bindings that every cluster starts with (default-roles.yaml beside this file).</summary>
internal static class DefaultRoles
{
    private static readonly Lazy<JsonObject[]> Texts = new(Load);

    /// <summary>Adds them. Their uids come from their names, so that they take nothing from the seed.</summary>
    public static void Create(ControlPlane plane)
    {
        foreach (var text in Texts.Value)
        {
            var type = plane.Catalog.ByKind("rbac.authorization.k8s.io/v1", text.Str("kind")!)!;
            var name = text.Meta().Str("name")!;
            var json = new JsonObject
            {
                ["kind"] = type.Kind,
                ["apiVersion"] = type.ApiVersion,
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["uid"] = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{type.Plural}/{name}")).AsSpan(0, 16)).ToString(),
                    ["creationTimestamp"] = plane.NowText,
                    ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
                    ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
                },
            };
            foreach (var field in (string[])["rules", "subjects", "roleRef"])
            {
                if (text[field] is { } value)
                {
                    json[field] = value.DeepClone();
                }
            }

            plane.Store.Add(type, json);
        }
    }

    private static JsonObject[] Load()
    {
        using var stream = typeof(DefaultRoles).Assembly.GetManifestResourceStream("ChaosDrill.Twin.Api.Access.default-roles.yaml")!;
        using var reader = new StreamReader(stream);
        return [.. YamlText.Documents(reader.ReadToEnd()).Select(d => (JsonObject)d.Json)];
    }
}
