using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Reports;

/// <summary>The JSON Schema (2020-12) of <c>drill.json</c>, made from the types that write it.</summary>
public static class DrillSchema
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the schema.</summary>
    public static string Generate()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "https://chaosdrill.dev/schemas/drill-v1.json",
            ["title"] = "A drill: what was planned, done and observed, and what follows from it",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["const"] = "chaosdrill.dev/v1" },
                ["kind"] = new JsonObject { ["const"] = "Drill" },
                ["header"] = Of(DrillJson.Default.DrillHeader),
                ["judgement"] = Of(DrillJson.Default.Judgement),
                ["end"] = Of(DrillJson.Default.DrillEnd),
                ["timeline"] = new JsonObject { ["type"] = "array", ["items"] = Of(DrillJson.Default.TimelineEntry) },
            },
            ["required"] = new JsonArray("apiVersion", "kind", "header", "judgement", "timeline"),
            ["additionalProperties"] = false,
        };
        return schema.ToJsonString(Readable) + "\n";
    }

    // Types with a converter of their own are opaque to the exporter; each is written as it is written in documents.
    private static JsonNode Of<T>(JsonTypeInfo<T> type) => type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = static (context, schema) =>
        {
            var plain = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
            return plain == typeof(TimeSpan) ? new JsonObject { ["type"] = "number", ["description"] = "seconds" }
                : plain == typeof(WorkloadReference) ? new JsonObject { ["type"] = "string", ["pattern"] = "^[a-z]+/.+$" }
                : plain == typeof(Model.Ratio) ? new JsonObject { ["type"] = new JsonArray("string", "number") }
                : plain == typeof(Comparison) ? new JsonObject { ["type"] = "string" }
                : plain.IsEnum ? new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(plain).Select(n => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(n))]) }
                : WithoutAbsent(context.TypeInfo, schema);
        },
    });

    // What is null is not written at all.
    private static JsonNode WithoutAbsent(JsonTypeInfo type, JsonNode schema)
    {
        if (schema is JsonObject { } fields && fields["required"] is JsonArray required)
        {
            var absent = type.Properties.Where(p => p.IsGetNullable || Nullable.GetUnderlyingType(p.PropertyType) is not null).Select(p => p.Name).ToHashSet();
            fields["required"] = new JsonArray([.. required.Select(r => (string)r!).Where(r => !absent.Contains(r)).Select(r => (JsonNode)r)]);
        }

        return schema;
    }
}
