using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Slos;

/// <summary>
/// Reads service level objectives from files of other tools: OpenSLO v1, Sloth (<c>prometheus/v1</c> and <c>PrometheusServiceLevel</c>) and
/// Pyrra (<c>ServiceLevelObjective</c>). A file may hold several documents; those of other kinds are passed over.
/// </summary>
/// <remarks>Sources: github.com/OpenSLO/OpenSLO, sloth.dev/specs/default, github.com/pyrra-dev/pyrra.</remarks>
internal static class SloFile
{
    /// <summary>Reads one objective of a file.</summary>
    /// <param name="path">Path of the file; messages repeat it as it is.</param>
    /// <param name="name">Name of the objective; null when the file holds one only.</param>
    /// <exception cref="ScenarioException">The file cannot be read, or holds no such objective.</exception>
    public static ServiceLevel Read(string path, string? name)
    {
        var text = TextFile.Read(path);
        TextFile.RefuseForbiddenCharacters(text, path);
        var errors = new ErrorList();
        var roots = Documents(text).Select(document => new SloNode(YamlTree.Read(document, path, errors), "", new SourcePosition(path, 1, 1), errors)).ToList();
        var levels = roots.SelectMany(root => LevelsOf(root, roots)).ToList();
        if (!errors.IsEmpty)
        {
            throw errors.ToException();
        }

        var found = levels.Where(l => name is null || l.Name == name).ToList();
        return found.Count == 1 ? found[0] : throw NotOne(path, name, levels);
    }

    private static IEnumerable<ServiceLevel> LevelsOf(SloNode root, IReadOnlyList<SloNode> all) => (root["apiVersion"].Text, root["kind"].Text, root["version"].Text) switch
    {
        ("openslo/v1", "SLO", _) => Some(OpenSlo.Read(root, all)),
        ("openslo/v1", _, _) => [],
        ("openslo/v1alpha", _, _) or ("openslo.com/v2alpha", _, _) => Other(root, "is an unstable form of OpenSLO", "write apiVersion: openslo/v1"),
        (_, _, "prometheus/v1") => Sloth.Read(root, Sloth.Snake),
        ("sloth.slok.dev/v1", "PrometheusServiceLevel", _) => Sloth.Read(root["spec"], Sloth.Camel),
        ("pyrra.dev/v1alpha1", "ServiceLevelObjective", _) => Some(Pyrra.Read(root)),
        (null, _, null) => Other(root, "has neither apiVersion nor version", "name an OpenSLO v1, Sloth or Pyrra file"),
        _ => [],
    };

    private static IEnumerable<ServiceLevel> Some(ServiceLevel? level) => level is null ? [] : [level];

    private static IEnumerable<ServiceLevel> Other(SloNode root, string what, string mend)
    {
        root.Wrong(ScenarioErrorCodes.Slo, "the document " + what, mend);
        return [];
    }

    private static ScenarioException NotOne(string path, string? name, List<ServiceLevel> levels)
    {
        var names = levels.Select(l => l.Name).Distinct().ToList();
        var (message, mend) = (levels.Count, name) switch
        {
            (0, _) => ("it holds no objective of OpenSLO v1, Sloth or Pyrra", "name another file"),
            (_, null) => ($"it holds {levels.Count} objectives", $"choose one with name: {Shown.OneOf(names.Take(10))}"),
            _ when names.Contains(name!) => ($"it holds more than one objective {Shown.Quoted(name!)}", "give each a name of its own"),
            _ => ($"it holds no objective {Shown.Quoted(name!)}", NearestName.Of(name!, names) is { } near ? $"did you mean \"{near}\"?" : $"there are {Shown.OneOf(names.Take(10))}"),
        };
        return new ScenarioException([new ScenarioError(ScenarioErrorCodes.Slo, new SourcePosition(path, 1, 1), "", Shown.Harmless(message), Shown.Harmless(mend))]);
    }

    /// <summary>Each document by itself, with empty lines for what is before it, so that positions are those of the file.</summary>
    private static IEnumerable<string> Documents(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var first = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i < lines.Length && lines[i].TrimEnd() is not "---")
            {
                continue;
            }

            if (lines[first..i].Any(l => l.Trim() is { Length: > 0 } said && said[0] != '#'))
            {
                yield return new string('\n', first) + string.Join('\n', lines[first..i]) + "\n";
            }

            first = i + 1;
        }
    }
}
