using System.Globalization;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Yaml;

/// <summary>Finds where a field stands, from its path.</summary>
internal sealed class PlaceFinder(YamlElement root)
{
    /// <summary>The place of the value at the path; of the nearest field around it when it is not written.</summary>
    public SourcePosition Find(string path)
    {
        var element = root;
        foreach (var part in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = element switch
            {
                YamlMapping mapping => mapping.Fields.FirstOrDefault(f => f.Name == part)?.Value,
                YamlList list when part[0] == '[' && Index(part) is var index && index < list.Items.Count => list.Items[index],
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            element = next;
        }

        return element.Position;
    }

    private static int Index(string part) =>
        int.TryParse(part.AsSpan(1, part.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : int.MaxValue;
}
