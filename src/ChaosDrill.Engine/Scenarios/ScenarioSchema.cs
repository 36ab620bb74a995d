using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Docs;
using ChaosDrill.Engine.Scenarios.Forms;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>Writes the JSON Schema of scenario files, for editors.</summary>
/// <remarks>
/// Draft 7, the newest that yaml-language-server follows in every respect. A union is written as optional properties and
/// a <c>oneOf</c> of which is required, so that completion offers each kind and exactly one is accepted. Descriptions
/// stand beside <c>$ref</c>, where editors show them and validators pass over them.
/// </remarks>
public static class ScenarioSchema
{
    // A label by RFC 1123; the same as DnsLabelAttribute.IsLabel.
    private const string LabelPattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Generates the schema.</summary>
    /// <param name="vocabulary">The kinds that may be used.</param>
    /// <param name="docs">Where descriptions are taken from.</param>
    /// <returns>The schema as indented JSON with a final newline; the same for the same input.</returns>
    public static string Generate(ScenarioVocabulary vocabulary, XmlDocs docs)
    {
        var form = new ScenarioForm(vocabulary);
        var definitions = new JsonObject();
        foreach (var record in Notation.Records(form))
        {
            definitions.Add(record.Type.Name, Record(record, docs));
        }

        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "ChaosDrill scenario",
            ["$ref"] = Reference(form.Root),
            ["definitions"] = definitions,
        };
        return schema.ToJsonString(Readable) + "\n";
    }

    private static JsonObject Record(RecordForm record, XmlDocs docs)
    {
        var properties = new JsonObject();
        foreach (var field in record.Fields)
        {
            properties[field.Name] = Field(record, field, docs);
        }

        foreach (var (name, kind) in record.Kinds?.Kinds ?? new Dictionary<string, RecordForm>())
        {
            properties[name] = new JsonObject { ["description"] = docs.Summary(kind.Type), ["$ref"] = Reference(kind) };
        }

        var schema = new JsonObject { ["type"] = "object" };
        AddText(schema, "description", docs.Summary(record.Type));
        schema["properties"] = properties;
        schema["additionalProperties"] = false;
        if (record.Fields.Any(f => f.Required))
        {
            schema["required"] = Words(record.Fields.Where(f => f.Required).Select(f => f.Name));
        }

        if (record.Kinds is { } kinds)
        {
            schema["oneOf"] = new JsonArray([.. kinds.Kinds.Keys.Select(k => new JsonObject { ["required"] = Words([k]) })]);
        }

        return schema;
    }

    private static JsonObject Field(RecordForm record, FieldForm field, XmlDocs docs)
    {
        var schema = new JsonObject();
        var description = docs.Summary(field.Property);
        if (field.Value is ScalarForm { Rules.Range: { } range } && !description.Contains(range.MostText, StringComparison.Ordinal))
        {
            description += $" {range.LeastText} to {range.MostText}.";
        }

        AddText(schema, "description", description.Trim());
        foreach (var (keyword, value) in Value(field.Value, docs))
        {
            schema[keyword] = value?.DeepClone();
        }

        if (Notation.Default(record, field) is { } standing)
        {
            schema["default"] = standing;
        }

        if (Notation.Example(field, docs) is { } example)
        {
            schema["examples"] = new JsonArray(example);
        }

        return schema;
    }

    private static JsonObject Value(ValueForm form, XmlDocs docs)
    {
        switch (form)
        {
            case ScalarForm scalar:
                return Scalar(scalar);
            case WordForm words:
                return new JsonObject
                {
                    ["enum"] = Words(words.Words.Select(w => w.Text)),
                    ["markdownEnumDescriptions"] = Words(words.Words.Select(w => docs.Summary(words.Type, w.Member))),
                };
            case ListForm list:
                var schema = new JsonObject { ["type"] = "array", ["items"] = Value(list.Item, docs) };
                if (list.Filled)
                {
                    schema["minItems"] = 1;
                }

                return schema;
            case TextMapForm:
                return new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } };
            case FieldsForm fields:
                return new JsonObject { ["$ref"] = Reference(fields.Record) };
            default:
                throw new InvalidOperationException($"No schema for {form}.");
        }
    }

    private static JsonObject Scalar(ScalarForm scalar)
    {
        var schema = scalar.Kind.Schema();
        var (range, only, label, filled) = scalar.Rules;
        if (only is not null)
        {
            schema["const"] = only;
        }

        if (label)
        {
            schema["pattern"] = LabelPattern;
            schema["maxLength"] = DnsLabelAttribute.MaxLength;
        }
        else if (filled && scalar.Kind is TextKind or TextOrNumberKind)
        {
            schema["pattern"] = "\\S";
        }

        // The order of durations and percentages is beyond a schema; the description names their range.
        if (range is { Least: int least, Most: int most })
        {
            schema["minimum"] = least;
            schema["maximum"] = most;
        }

        return schema;
    }

    private static string Reference(RecordForm record) => "#/definitions/" + record.Type.Name;

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(w => JsonValue.Create(w))]);

    private static void AddText(JsonObject schema, string keyword, string text)
    {
        if (text.Length > 0)
        {
            schema[keyword] = text;
        }
    }
}
