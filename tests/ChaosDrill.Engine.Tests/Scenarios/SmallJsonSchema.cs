using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>
/// A validator for the keywords of draft 7 that the generated schema uses, written from the specification alone. Any
/// other keyword is an error, so that nothing in the schema goes unchecked.
/// </summary>
internal sealed class SmallJsonSchema(JsonObject root)
{
    /// <summary>Where the value breaks the schema; empty when it is valid.</summary>
    public IReadOnlyList<string> Validate(JsonNode? value)
    {
        var broken = new List<string>();
        Validate(root, value, "", broken);
        return broken;
    }

    private void Validate(JsonObject schema, JsonNode? value, string path, List<string> broken)
    {
        // Draft 7, 8.3: all other properties of an object with $ref are ignored; the root's are only definitions.
        if (schema["$ref"] is { } reference)
        {
            var name = (string)reference!;
            Assert.StartsWith("#/definitions/", name, StringComparison.Ordinal);
            Validate(root["definitions"]![name["#/definitions/".Length..]]!.AsObject(), value, path, broken);
            return;
        }

        foreach (var (keyword, argument) in schema)
        {
            if (!Holds(schema, keyword, argument!, value, path, broken))
            {
                broken.Add($"{path} {keyword}");
            }
        }
    }

    private bool Holds(JsonObject schema, string keyword, JsonNode argument, JsonNode? value, string path, List<string> broken)
    {
        switch (keyword)
        {
            case "$schema" or "title" or "description" or "default" or "examples" or "markdownEnumDescriptions" or "definitions":
                return true;
            case "type":
                return argument is JsonArray types ? types.Any(t => IsA((string)t!, value)) : IsA((string)argument!, value);
            case "const":
                return JsonNode.DeepEquals(argument, value);
            case "enum":
                return argument.AsArray().Any(word => JsonNode.DeepEquals(word, value));
            case "pattern":
                return !IsA("string", value) || Regex.IsMatch((string)value!, (string)argument!, RegexOptions.ECMAScript);
            case "maxLength":
                return !IsA("string", value) || ((string)value!).Length <= (int)argument;
            case "minimum":
                return !IsA("integer", value) || (long)value! >= (long)argument;
            case "maximum":
                return !IsA("integer", value) || (long)value! <= (long)argument;
            case "minItems":
                return value is not JsonArray few || few.Count >= (int)argument;
            case "items":
                for (var i = 0; value is JsonArray list && i < list.Count; i++)
                {
                    Validate(argument.AsObject(), list[i], $"{path}[{i}]", broken);
                }

                return true;
            case "anyOf":
                return argument.AsArray().Any(s => IsValid(s!.AsObject(), value));
            case "oneOf":
                return argument.AsArray().Count(s => IsValid(s!.AsObject(), value)) == 1;
            case "required":
                return value is not JsonObject named || argument.AsArray().All(n => named.ContainsKey((string)n!));
            case "properties":
                foreach (var (name, inner) in value as JsonObject ?? [])
                {
                    if (argument[name] is JsonObject known)
                    {
                        Validate(known, inner, $"{path}.{name}", broken);
                    }
                }

                return true;
            case "additionalProperties":
                foreach (var (name, inner) in value as JsonObject ?? [])
                {
                    if (schema["properties"]?[name] is null && argument is JsonObject other)
                    {
                        Validate(other, inner, $"{path}.{name}", broken);
                    }
                }

                return argument is JsonObject || value is not JsonObject free || free.All(f => schema["properties"]?[f.Key] is not null);
            default:
                throw new NotSupportedException($"{path}: this validator does not know \"{keyword}\".");
        }
    }

    private bool IsValid(JsonObject schema, JsonNode? value)
    {
        var broken = new List<string>();
        Validate(schema, value, "", broken);
        return broken.Count == 0;
    }

    private static bool IsA(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == System.Text.Json.JsonValueKind.String,
        "integer" => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number && !value.ToJsonString().Contains('.', StringComparison.Ordinal),
        "boolean" => value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        _ => throw new NotSupportedException(type),
    };
}
