using System.Text;
using ChaosDrill.Engine.Scenarios.Docs;
using ChaosDrill.Engine.Scenarios.Forms;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>Writes the reference of scenario files: one page for all, and one for each fault.</summary>
public static class ScenarioReference
{
    /// <summary>The page of everything that is no fault.</summary>
    public const string Main = "scenario.md";

    /// <summary>Generates the pages: a table of fields for each part of a scenario, each kind of step, probe and objective.</summary>
    /// <param name="vocabulary">The kinds that may be used.</param>
    /// <param name="docs">Where descriptions are taken from.</param>
    /// <returns>Markdown with a final newline, by path; the same for the same input.</returns>
    public static IReadOnlyDictionary<string, string> Pages(ScenarioVocabulary vocabulary, XmlDocs docs)
    {
        var form = new ScenarioForm(vocabulary);
        var kinds = KindNames(form);
        var main = new StringBuilder(
            """
            # Scenario files

            This page is generated from the program's types; each fault has a page of its own in [faults](faults).

            A duration is numbers with units: `500ms`, `30s`, `1h30m`. A percentage has its sign: `99.5%`. A reference is
            `deployment/NAME`, `statefulset/NAME`, `daemonset/NAME`, `replicaset/NAME` or `probe/NAME`. Text that looks like
            a number needs quotes. Anchors, aliases, tags and merge keys of YAML are not used.

            """);
        var pages = new Dictionary<string, string>();
        foreach (var record in Notation.Records(form))
        {
            if (kinds.TryGetValue(record, out var name) && IsFault(record))
            {
                var page = new StringBuilder($"# `{name}`\n\n");
                AppendRecord(page, record, docs, "../");
                pages[$"faults/{name}.md"] = page.Append($"\nA step of a [scenario](../{Main}). This page is generated from the program's types.\n").ToString();
                continue;
            }

            main.Append('\n').Append(name is not null ? $"### `{name}`" : $"## {Capital(record.Noun)}").Append("\n\n");
            AppendRecord(main, record, docs, "");
        }

        pages[Main] = main.ToString();
        return pages;
    }

    private static bool IsFault(RecordForm record) => record.Create() is StepAction { IsFault: true };

    private static void AppendRecord(StringBuilder page, RecordForm record, XmlDocs docs, string up)
    {
        page.Append(docs.Summary(record.Type)).Append('\n');
        if (docs.Remarks(record.Type) is { Length: > 0 } remarks)
        {
            page.Append('\n').Append(remarks).Append('\n');
        }

        AppendFields(page, record, docs, up);
        AppendKinds(page, record, docs);
    }

    private static void AppendFields(StringBuilder page, RecordForm record, XmlDocs docs, string up)
    {
        if (record.Fields.Count == 0)
        {
            return;
        }

        page.Append("\n| field | type | default | description |\n| --- | --- | --- | --- |\n");
        foreach (var field in record.Fields)
        {
            var standing = field.Required ? "required" : Notation.Default(record, field) is { } value ? $"`{Plain(value.ToJsonString())}`" : "";
            page.Append($"| `{field.Name}` | {Cell(TypeOf(field.Value, up))} | {Cell(standing)} | {Cell(Describe(field, docs))} |\n");
        }
    }

    private static void AppendKinds(StringBuilder page, RecordForm record, XmlDocs docs)
    {
        if (record.Kinds is not { } kinds)
        {
            return;
        }

        page.Append($"\nExactly one of:\n\n| field | description |\n| --- | --- |\n");
        foreach (var (name, kind) in kinds.Kinds)
        {
            page.Append($"| [`{name}`]({(IsFault(kind) ? $"faults/{name}.md" : $"#{name.ToLowerInvariant()}")}) | {Cell(docs.Summary(kind.Type))} |\n");
        }
    }

    private static string Describe(FieldForm field, XmlDocs docs)
    {
        var text = new StringBuilder(docs.Summary(field.Property));
        if (field.Value is ScalarForm { Rules.Range: { } range } && !text.ToString().Contains(range.MostText, StringComparison.Ordinal))
        {
            text.Append($" {range.LeastText} to {range.MostText}.");
        }

        if (field.Value is WordForm words)
        {
            text.Append(string.Concat(words.Words.Select(w => $" `{w.Text}`: {docs.Summary(words.Type, w.Member)}")));
        }

        return docs.Example(field.Property) is { Length: > 0 } example ? $"{text} Example: `{example}`." : text.ToString();
    }

    private static string TypeOf(ValueForm form, string up) => form switch
    {
        FieldsForm fields => Link(fields.Record, up),
        ListForm { Item: FieldsForm item } => "list of " + Link(item.Record, up),
        WordForm words => string.Join(", ", words.Words.Select(w => $"`{w.Text}`")),
        ScalarForm { Rules.Exactly: { } only } => $"`{only}`",
        _ => form.Noun,
    };

    private static string Link(RecordForm record, string up) => $"[{record.Noun}]({(up.Length > 0 ? up + Main : "")}#{record.Noun.Replace(' ', '-')})";

    private static Dictionary<RecordForm, string> KindNames(ScenarioForm form)
    {
        var names = new Dictionary<RecordForm, string>();
        foreach (var (name, kind) in Notation.Records(form).SelectMany(r => r.Kinds?.Kinds ?? new Dictionary<string, RecordForm>()))
        {
            names[kind] = name;
        }

        return names;
    }

    private static string Plain(string json) => json.StartsWith('"') ? json.Trim('"') : json;

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
