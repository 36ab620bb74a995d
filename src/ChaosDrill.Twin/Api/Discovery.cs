using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>What a client asks first: versions, health, groups, resources, schemas.</summary>
internal sealed class Discovery(ResourceCatalog catalog)
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    public ApiResponse? Answer(ApiRequest request)
    {
        var path = request.Path.Length > 1 ? request.Path.TrimEnd('/') : request.Path;
        switch (path)
        {
            case "/version":
                return ApiResponse.Json(Version());
            case "/healthz" or "/livez" or "/readyz":
                return ApiResponse.Text(request.Query.ContainsKey("verbose") ? $"[+]ping ok\n[+]etcd ok\n[+]shutdown ok\n{path[1..]} check passed\n" : "ok");
            case "/":
                return ApiResponse.Json(new JsonObject { ["paths"] = new JsonArray("/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version") });
            case "/api":
                return IsAggregated(request) ? AggregatedList(core: true) : ApiResponse.Json(new JsonObject
                {
                    ["kind"] = "APIVersions",
                    ["versions"] = new JsonArray("v1"),
                    ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = "127.0.0.1" }),
                });
            case "/apis":
                return IsAggregated(request) ? AggregatedList(core: false) : ApiResponse.Json(new JsonObject
                {
                    ["kind"] = "APIGroupList",
                    ["apiVersion"] = "v1",
                    ["groups"] = new JsonArray([.. Groups(core: false).Select(g => Group(g.Key, g))]),
                });
            case "/openapi/v2" or "/openapi/v3":
                return OpenApi.Answer(catalog, path);
        }

        if (path.StartsWith("/openapi/v3/", StringComparison.Ordinal))
        {
            return OpenApi.Answer(catalog, path);
        }

        return path.Split('/') switch
        {
            ["", "api", "v1"] => ResourceList("", "v1"),
            ["", "apis", var group] when catalog.HasGroup(group) => ApiResponse.Json(Prefixed(Group(group, catalog.Types.Where(t => t.Group == group)))),
            ["", "apis", var group, var version] when catalog.HasGroupVersion(group, version) => ResourceList(group, version),
            _ => null,
        };
    }

    private static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "36",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = "v1.36.2",
        ["gitCommit"] = "chaosdrill-twin",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "go1.26.10",
        ["compiler"] = "gc",
        ["platform"] = "linux/amd64",
    };

    private static bool IsAggregated(ApiRequest request) =>
        request.Accept.Split(',').Select(r => r.Replace(" ", "", StringComparison.Ordinal)).FirstOrDefault(r => r.StartsWith("application/json", StringComparison.Ordinal)) is { } first &&
        first.Contains("g=apidiscovery.k8s.io", StringComparison.Ordinal) && first.Contains("v=v2;", StringComparison.Ordinal) && first.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal);

    private IEnumerable<IGrouping<string, ResourceType>> Groups(bool core) => catalog.Types.Where(t => t.Group.Length == 0 == core).GroupBy(t => t.Group);

    private static JsonObject Group(string name, IEnumerable<ResourceType> types)
    {
        var versions = types.Select(t => t.Version).Distinct().Select(v => new JsonObject { ["groupVersion"] = $"{name}/{v}", ["version"] = v }).ToList();
        return new JsonObject { ["name"] = name, ["versions"] = new JsonArray([.. versions]), ["preferredVersion"] = versions[0].DeepClone() };
    }

    private static JsonObject Prefixed(JsonObject group)
    {
        var json = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (key, value) in group)
        {
            json[key] = value?.DeepClone();
        }

        return json;
    }

    private ApiResponse ResourceList(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var type in catalog.Types.Where(t => t.Group == group && t.Version == version).OrderBy(t => t.Plural, StringComparer.Ordinal))
        {
            var entry = new JsonObject
            {
                ["name"] = type.Plural,
                ["singularName"] = type.Singular,
                ["namespaced"] = type.Namespaced,
                ["kind"] = type.Kind,
                ["verbs"] = Strings(type.Verbs),
            };
            AddNames(entry, type);
            if (!type.Virtual)
            {
                entry["storageVersionHash"] = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{type.Group}/{type.Version}/{type.Kind}")).AsSpan(0, 8));
            }

            resources.Add(entry);
            foreach (var sub in type.Subresources.OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                var below = new JsonObject { ["name"] = $"{type.Plural}/{sub.Name}", ["singularName"] = "", ["namespaced"] = type.Namespaced };
                if (sub.Group is not null)
                {
                    below["group"] = sub.Group;
                    below["version"] = sub.Version;
                }

                below["kind"] = sub.Kind;
                below["verbs"] = Strings(sub.Verbs);
                resources.Add(below);
            }
        }

        var list = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
        {
            list["apiVersion"] = "v1";
        }

        list["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}";
        list["resources"] = resources;
        return ApiResponse.Json(list);
    }

    private ApiResponse AggregatedList(bool core)
    {
        var items = new JsonArray();
        foreach (var group in Groups(core))
        {
            var metadata = new JsonObject();
            if (!core)
            {
                metadata["name"] = group.Key;
            }

            items.Add(new JsonObject
            {
                ["metadata"] = metadata,
                ["versions"] = new JsonArray([.. group.GroupBy(t => t.Version).Select(v => new JsonObject
                {
                    ["version"] = v.Key,
                    ["resources"] = new JsonArray([.. v.OrderBy(t => t.Plural, StringComparer.Ordinal).Select(AggregatedResource)]),
                    ["freshness"] = "Current",
                })]),
            });
        }

        var list = new JsonObject { ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = "apidiscovery.k8s.io/v2", ["metadata"] = new JsonObject(), ["items"] = items };
        return new ApiResponse { ContentType = Aggregated, Body = StoredObject.Serialize(list) };
    }

    private static JsonObject AggregatedResource(ResourceType type)
    {
        var entry = new JsonObject
        {
            ["resource"] = type.Plural,
            ["responseKind"] = Kind("", "", type.Kind),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = Strings(type.Verbs),
        };
        AddNames(entry, type);
        if (type.Subresources.Length > 0)
        {
            entry["subresources"] = new JsonArray([.. type.Subresources.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new JsonObject
            {
                ["subresource"] = s.Name, ["responseKind"] = Kind(s.Group ?? "", s.Version ?? "", s.Kind), ["verbs"] = Strings(s.Verbs),
            })]);
        }

        return entry;
    }

    private static void AddNames(JsonObject entry, ResourceType type)
    {
        if (type.ShortNames.Length > 0)
        {
            entry["shortNames"] = Strings(type.ShortNames);
        }

        if (type.Categories.Length > 0)
        {
            entry["categories"] = Strings(type.Categories);
        }
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Strings(IEnumerable<string> values) => JsonReading.ToArray(values.Select(v => (JsonNode)v!));
}
