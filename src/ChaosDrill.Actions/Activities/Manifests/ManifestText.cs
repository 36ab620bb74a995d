using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ChaosDrill.Actions.Activities.Manifests;

/// <summary>Reads one object from YAML, by the rules of YAML 1.2's core schema, as Kubernetes does in effect.</summary>
internal static partial class ManifestText
{
    /// <summary>Reads it; on failure says what is wrong.</summary>
    public static bool TryRead(string text, out JsonObject manifest, out string problem)
    {
        (manifest, problem) = ([], "");
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            if (stream.Documents is not [{ RootNode: YamlMappingNode root }])
            {
                problem = $"it holds {stream.Documents.Count} documents, or no object";
                return false;
            }

            manifest = (JsonObject)Convert(root, [])!;
            return true;
        }
        catch (Exception e) when (e is YamlException or FormatException or ArgumentException)
        {
            problem = $"it is no YAML: {e.Message}";
            return false;
        }
    }

    private static JsonNode? Convert(YamlNode node, HashSet<YamlNode> seen)
    {
        // Aliases would let a small text unfold into a large one.
        if (node is not YamlScalarNode && !seen.Add(node))
        {
            throw new FormatException("aliases are not allowed");
        }

        return node switch
        {
            YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", Convert(c.Value, seen)))),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(c => Convert(c, seen))]),
            YamlScalarNode scalar => Scalar(scalar),
            _ => throw new FormatException("an alias leads nowhere"),
        };
    }

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        return scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any) ? text : text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            _ when Whole().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ when Number().IsMatch(text) => double.Parse(text, CultureInfo.InvariantCulture),
            _ => text,
        };
    }

    [GeneratedRegex(@"^[-+]?[0-9]+\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();
}
