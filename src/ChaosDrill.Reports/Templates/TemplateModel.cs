using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Templates;

/// <summary>What templates of a sort are given: the page that documents it for people, read by the program.</summary>
internal sealed partial class TemplateModel
{
    private readonly Dictionary<string, TemplateModel> _members = new(StringComparer.Ordinal);

    private TemplateModel(string path) => Path = path;

    /// <summary>Of reports.</summary>
    public static TemplateModel Reports { get; } = Read("Reports");

    /// <summary>Of playbooks.</summary>
    public static TemplateModel Playbooks { get; } = Read("Playbooks");

    /// <summary>Where it stands, such as <c>recoveries.rows[]</c>; empty for the whole.</summary>
    public string Path { get; }

    /// <summary>Of a list: each of its items. Null when it is none.</summary>
    public TemplateModel? Item { get; private set; }

    /// <summary>Names of its members; empty for a value.</summary>
    public IReadOnlyCollection<string> Names => _members.Keys;

    /// <summary>The member of a name; null when there is none.</summary>
    public TemplateModel? Member(string name) => _members.GetValueOrDefault(name) ?? _members.GetValueOrDefault("*");

    private static TemplateModel Read(string section)
    {
        using var stream = typeof(TemplateModel).Assembly.GetManifestResourceStream("template-model.md")!;
        using var reader = new StreamReader(stream);
        var root = new TemplateModel("");
        var isHere = false;
        while (reader.ReadLine() is { } line)
        {
            isHere = line.StartsWith("## ", StringComparison.Ordinal) ? line[3..] == section : isHere;
            if (isHere && Row().Match(line) is { Success: true } row)
            {
                root.Add(row.Groups[1].Value);
            }
        }

        return root;
    }

    private void Add(string path)
    {
        var at = this;
        foreach (var part in path.Split('.'))
        {
            var name = part.Replace("[]", "", StringComparison.Ordinal);
            at = at._members.TryGetValue(name, out var known) ? known : at._members[name] = new TemplateModel(at.Path.Length == 0 ? name : $"{at.Path}.{name}");
            if (part.EndsWith("[]", StringComparison.Ordinal))
            {
                at = at.Item ??= new TemplateModel(at.Path + "[]");
            }
        }
    }

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.CultureInvariant)]
    private static partial Regex Row();
}
