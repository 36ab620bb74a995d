using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api.Schemas;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Schemas for clients: kubectl learns from them that the server validates fields, and explains types.</summary>
/// <remarks>Operations name no media types on purpose: kubectl would then take merge keys from these schemas, which do not carry them, instead of from its own types.</remarks>
internal static class OpenApi
{
    public static ApiResponse? Answer(ResourceCatalog catalog, string path)
    {
        if (path == "/openapi/v3")
        {
            var paths = new JsonObject();
            foreach (var type in catalog.Types.DistinctBy(t => t.ApiVersion))
            {
                var own = Root(type);
                paths[own] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{own}?hash=twin" };
            }

            return ApiResponse.Json(new JsonObject { ["paths"] = paths });
        }

        if (path == "/openapi/v2")
        {
            return ApiResponse.Json(new JsonObject { ["swagger"] = "2.0", ["info"] = Info(), ["paths"] = new JsonObject(), ["definitions"] = new JsonObject() });
        }

        var wanted = path["/openapi/v3/".Length..];
        var types = catalog.Types.Where(t => Root(t) == wanted).ToList();
        return types.Count == 0 ? null : ApiResponse.Json(Document(wanted, types));
    }

    private static string Root(ResourceType type) => type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.ApiVersion}";

    private static JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = "v1.36.2" };

    private static JsonObject Document(string root, List<ResourceType> types)
    {
        var operations = new JsonObject();
        var schemas = new JsonObject();
        foreach (var type in types)
        {
            var item = $"/{root}/{(type.Namespaced ? "namespaces/{namespace}/" : "")}{type.Plural}/{{name}}";
            operations[item] = new JsonObject { ["patch"] = Operation(type), ["put"] = Operation(type), ["post"] = Operation(type) };
            if (TypeSchemas.Find(type.ApiVersion, type.Kind) is { } message)
            {
                Add(message, schemas);
                var schema = (JsonObject)schemas[NameOf(message.Name)]!;
                var properties = (JsonObject)schema["properties"]!;
                properties["apiVersion"] = Text("APIVersion defines the versioned schema of this representation of an object.");
                properties["kind"] = Text("Kind is a string value representing the REST resource this object represents.");
                schema["x-kubernetes-group-version-kind"] = new JsonArray(Kind(type));
            }
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = operations,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static void Add(MessageType type, JsonObject schemas)
    {
        var name = NameOf(type.Name);
        if (schemas.ContainsKey(name))
        {
            return;
        }

        var properties = new JsonObject();
        schemas[name] = new JsonObject { ["description"] = type.Description, ["type"] = "object", ["properties"] = properties };
        foreach (var field in MessageType.Flat(type))
        {
            var value = Value(field.Type, schemas);
            var schema = field.Shape switch
            {
                MessageType.Field.Many.List => new JsonObject { ["type"] = "array", ["items"] = value },
                MessageType.Field.Many.Map => new JsonObject { ["type"] = "object", ["additionalProperties"] = value },
                _ when value.ContainsKey("$ref") => new JsonObject { ["allOf"] = new JsonArray(value) },
                _ => value,
            };
            schema["description"] = field.Description;
            properties[field.Name] = schema;
        }
    }

    private static JsonObject Value(string type, JsonObject schemas)
    {
        if (TypeSchemas.Find(type) is { } message && message.Fields is not [{ Name: "items" }])
        {
            Add(message, schemas);
            return new JsonObject { ["$ref"] = $"#/components/schemas/{NameOf(type)}" };
        }

        return type switch
        {
            "b" => new JsonObject { ["type"] = "boolean" },
            "i" => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            "d" => new JsonObject { ["type"] = "number", ["format"] = "double" },
            "y" => new JsonObject { ["type"] = "string", ["format"] = "byte" },
            "meta.v1.Time" or "meta.v1.MicroTime" => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            "IntOrString" => new JsonObject { ["type"] = "string", ["format"] = "int-or-string" },
            "s" or "Quantity" => new JsonObject { ["type"] = "string" },
            _ => new JsonObject { ["type"] = "object" },
        };
    }

    private static string NameOf(string type) => type.StartsWith("meta.", StringComparison.Ordinal) ? $"io.k8s.apimachinery.pkg.apis.{type}" : $"io.k8s.api.{type}";

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };

    private static JsonObject Kind(ResourceType type) => new() { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };

    private static JsonObject Operation(ResourceType type) => new()
    {
        ["parameters"] = new JsonArray(Parameter("dryRun"), Parameter("fieldManager"), Parameter("fieldValidation")),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["x-kubernetes-group-version-kind"] = Kind(type),
    };

    private static JsonObject Parameter(string name) => new()
    {
        ["name"] = name,
        ["in"] = "query",
        ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
    };
}
