using System.Text.Json.Nodes;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Schemas for clients: enough that kubectl validates on the server and explains.</summary>
internal static class OpenApi
{
    public static ApiResponse? Answer(ResourceCatalog catalog, string path)
    {
        if (path == "/openapi/v3")
        {
            var paths = new JsonObject();
            foreach (var type in catalog.Types.DistinctBy(t => t.ApiVersion))
            {
                var own = type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.ApiVersion}";
                paths[own] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{own}?hash=twin" };
            }

            return ApiResponse.Json(new JsonObject { ["paths"] = paths });
        }

        if (path == "/openapi/v2")
        {
            return ApiResponse.Json(new JsonObject
            {
                ["swagger"] = "2.0", ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" }, ["paths"] = new JsonObject(), ["definitions"] = new JsonObject(),
            });
        }

        var wanted = path["/openapi/v3/".Length..];
        var types = catalog.Types.Where(t => (t.Group.Length == 0 ? $"api/{t.Version}" : $"apis/{t.ApiVersion}") == wanted).ToList();
        if (types.Count == 0)
        {
            return null;
        }

        var operations = new JsonObject();
        foreach (var type in types)
        {
            var item = $"/{wanted}/{(type.Namespaced ? "namespaces/{namespace}/" : "")}{type.Plural}/{{name}}";
            operations[item] = new JsonObject { ["patch"] = Operation(type), ["put"] = Operation(type), ["post"] = Operation(type) };
        }

        return ApiResponse.Json(new JsonObject
        {
            ["openapi"] = "3.0.0", ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" },
            ["paths"] = operations, ["components"] = new JsonObject { ["schemas"] = new JsonObject() },
        });
    }

    private static JsonObject Operation(ResourceType type) => new()
    {
        ["parameters"] = new JsonArray(Parameter("dryRun"), Parameter("fieldManager"), Parameter("fieldValidation")),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind },
    };

    private static JsonObject Parameter(string name) => new()
    {
        ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
    };
}
