using System.Text;
using ChaosDrill.Reports.Postmortems;
using Xunit;

namespace ChaosDrill.Reports.Tests;

/// <summary>The page that documents what templates are given is made from what they are given; CHAOSDRILL_UPDATE=1 writes it anew.</summary>
public sealed class TemplateModelTests
{
    [Fact]
    public void ModelPage_InRepository_IsCurrent()
    {
        SortedDictionary<string, string> members = new(StringComparer.Ordinal);
        foreach (var (record, judgement) in Gallery.All.Values)
        {
            Walk("", PostMortem.Model(record, judgement, "timeline.svg", new PostMortemContext
            {
                Earlier = ContextTests.Nights(record, Gallery.Pass().Judgement, 3), Filled = new Dictionary<string, string> { ["impact"] = "…" },
            }), members);
        }

        var page = new StringBuilder("# What report templates are given\n\nThis page is made from the values that post-mortems of every sort are filled with. `[]` is a list: go through it with `{{#each}}`.\n\n| value | kind |\n| --- | --- |\n");
        foreach (var (path, kind) in members)
        {
            page.Append($"| `{path}` | {kind} |\n");
        }

        var file = Path.Combine(Root(), "docs", "reference", "template-model.md");
        if (Environment.GetEnvironmentVariable("CHAOSDRILL_UPDATE") == "1")
        {
            File.WriteAllText(file, page.ToString());
        }

        Assert.Equal(page.ToString(), File.ReadAllText(file));
    }

    private static void Walk(string path, object? value, SortedDictionary<string, string> members)
    {
        switch (value)
        {
            case Fields fields:
                foreach (var (name, member) in fields)
                {
                    Walk(path.Length == 0 ? name : $"{path}.{name}", member, members);
                }

                break;
            case IEnumerable<object?> list:
                members.TryAdd(path + "[]", "list");
                foreach (var item in list)
                {
                    Walk(path + "[]", item, members);
                }

                break;
            default:
                var kind = value switch { bool => "truth value", int or long => "number", null => "", string => "text", var other => throw new InvalidOperationException($"{path} is a {other.GetType()}: templates must not be given objects") };
                members[path] = members.GetValueOrDefault(path) is { Length: > 0 } known && known != "list" ? known : kind.Length > 0 ? kind : members.GetValueOrDefault(path) ?? "";
                break;
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ChaosDrill.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside of the repository");
        }

        return folder;
    }
}
