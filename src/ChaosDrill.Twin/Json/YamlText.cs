using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ChaosDrill.Twin.Json;

/// <summary>YAML as kubectl understands it: YAML 1.2 scalars that become JSON.</summary>
internal static class YamlText
{
    /// <summary>Every document with the line that it begins on; empty ones are left out.</summary>
    public static List<(JsonNode Json, int Line)> Documents(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var found = new List<(JsonNode, int)>();
        foreach (var document in stream.Documents)
        {
            if (Convert(document.RootNode, 0) is { } json)
            {
                found.Add((json, (int)document.RootNode.Start.Line));
            }
        }

        return found;
    }

    public static JsonNode? ToJson(string yaml)
    {
        try
        {
            var documents = Documents(yaml);
            return documents.Count == 0 ? null : documents[0].Json;
        }
        catch (YamlException wrong)
        {
            throw Failure.BadRequest($"error decoding YAML: yaml: line {wrong.Start.Line}: {wrong.Message}");
        }
    }

    private static JsonNode? Convert(YamlNode node, int depth)
    {
        if (depth > 100)
        {
            throw new YamlException(node.Start, node.End, "nested too deeply (100 levels are allowed)");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                var json = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    var name = (key as YamlScalarNode)?.Value ?? throw new YamlException(key.Start, key.End, "a key must be a plain word");
                    if (json.ContainsKey(name))
                    {
                        throw new YamlException(key.Start, key.End, $"key \"{name}\" is given twice");
                    }

                    json[name] = Convert(value, depth + 1);
                }

                return json;
            case YamlSequenceNode sequence:
                return JsonReading.ToArray(sequence.Children.Select(c => Convert(c, depth + 1)));
            default:
                return Scalar((YamlScalarNode)node);
        }
    }

    private static JsonValue? Scalar(YamlScalarNode node)
    {
        var text = node.Value ?? "";
        if (node.Style is not ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE":
                return JsonValue.Create(false);
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return JsonValue.Create(number);
        }

        return (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.') && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            ? JsonValue.Create(real) : JsonValue.Create(text);
    }
}
