using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace ChaosDrill.Reports.Tests;

/// <summary>What is written is what the published schema says, and the schema is not so wide that anything would pass.</summary>
public sealed class DrillSchemaTests
{
    private static readonly JsonObject Schema = JsonNode.Parse(DrillSchema.Generate())!.AsObject();

    public static TheoryData<string> Sorts => [.. Gallery.All.Keys];

    [Theory]
    [MemberData(nameof(Sorts))]
    public void Document_OfEverySort_IsValid(string sort)
    {
        var (record, judgement) = Gallery.All[sort];

        Assert.Empty(Broken(JsonNode.Parse(DrillDocument.Json(record, judgement))));
    }

    [Fact]
    public void Document_OfTheFirstForm_IsValidAndReadable()
    {
        var json = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "drill-v1.json"));

        Assert.Empty(Broken(JsonNode.Parse(json)));
        Assert.Equal(2.51, DrillDocument.Parse(json).Judgement.Recoveries[0].Time.Value);
    }

    [Theory]
    [InlineData("kind", "\"Something\"")]
    [InlineData("header.startedAt", "17")]
    [InlineData("header.plan.cluster", "null")]
    [InlineData("judgement.outcome", "\"fine\"")]
    [InlineData("judgement.objectives", "{}")]
    [InlineData("timeline.3.at", "\"soon\"")]
    [InlineData("timeline.3.event.type", "\"party\"")]
    [InlineData("more", "1")]
    public void Document_Altered_IsNotValid(string path, string value)
    {
        var (record, judgement) = Gallery.Pass();
        var document = JsonNode.Parse(DrillDocument.Json(record, judgement))!;
        var at = document;
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            at = int.TryParse(name, out var index) ? at[index]! : at[name]!;
        }

        at[names[^1]] = JsonNode.Parse(value);

        Assert.NotEmpty(Broken(document));
    }

    private static List<string> Broken(JsonNode? value)
    {
        List<string> broken = [];
        Validate(Schema, value, "", broken);
        return broken;
    }

    // The keywords of JSON Schema 2020-12 that the generated schema uses; any other is an error, so that nothing goes unchecked.
    private static void Validate(JsonNode schema, JsonNode? value, string path, List<string> broken)
    {
        if (schema is JsonValue all)
        {
            if (!all.GetValue<bool>())
            {
                broken.Add($"{path} is not allowed");
            }

            return;
        }

        foreach (var (keyword, argument) in schema.AsObject())
        {
            var holds = keyword switch
            {
                "$schema" or "$id" or "title" or "description" or "default" or "format" => true,
                "type" => (argument as JsonArray)?.Any(t => Is(t!, value)) ?? Is(argument!, value),
                "const" => JsonNode.DeepEquals(argument, value),
                "enum" => argument!.AsArray().Any(a => JsonNode.DeepEquals(a, value)),
                "pattern" => value is not JsonValue v || v.GetValueKind() != JsonValueKind.String || Regex.IsMatch(v.GetValue<string>(), (string)argument!),
                "required" => value is not JsonObject o || argument!.AsArray().All(r => o.ContainsKey((string)r!)),
                "anyOf" => argument!.AsArray().Any(a => Fits(a!, value)),
                "properties" or "items" or "additionalProperties" => Nested(schema, keyword, argument!, value, path, broken),
                _ => throw new InvalidOperationException($"{path}: the keyword {keyword} is not checked here"),
            };
            if (!holds)
            {
                broken.Add($"{path} {keyword}");
            }
        }
    }

    private static bool Nested(JsonNode schema, string keyword, JsonNode argument, JsonNode? value, string path, List<string> broken)
    {
        if (keyword == "items" && value is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                Validate(argument, items[i], $"{path}[{i}]", broken);
            }
        }
        else if (value is JsonObject members && keyword != "items")
        {
            foreach (var (name, member) in members)
            {
                var known = schema["properties"]?[name];
                if (keyword == "properties" && known is not null)
                {
                    Validate(known, member, $"{path}.{name}", broken);
                }
                else if (keyword == "additionalProperties" && known is null)
                {
                    Validate(argument, member, $"{path}.{name}", broken);
                }
            }
        }

        return true;
    }

    private static bool Fits(JsonNode schema, JsonNode? value)
    {
        List<string> broken = [];
        Validate(schema, value, "", broken);
        return broken.Count == 0;
    }

    private static bool Is(JsonNode type, JsonNode? value) => (string)type! switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && long.TryParse(value.ToJsonString(), out _),
        var other => throw new InvalidOperationException(other),
    };
}
