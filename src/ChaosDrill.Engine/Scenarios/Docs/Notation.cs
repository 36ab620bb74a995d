using System.Collections;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Forms;

namespace ChaosDrill.Engine.Scenarios.Docs;

/// <summary>How values are written in a file: defaults, for the schema and the reference.</summary>
internal static class Notation
{
    /// <summary>The value that a field has when it is not written; null when it has none worth naming.</summary>
    public static JsonNode? Default(RecordForm record, FieldForm field) =>
        field.Required ? null : ToJson(field.Value, field.Property.GetValue(record.Create()));

    private static JsonNode? ToJson(ValueForm form, object? value) => (form, value) switch
    {
        (_, null) => null,
        (ScalarForm scalar, _) => scalar.Kind.ToJson(value),
        (WordForm words, _) => JsonValue.Create(words.Words.First(w => w.Member == value.ToString()).Text),
        (ListForm list, IEnumerable items) when items.Cast<object>().Any() => new JsonArray([.. items.Cast<object>().Select(i => ToJson(list.Item, i))]),
        _ => null,
    };

    /// <summary>A value that shows how the field is written: from its comment, or of its type.</summary>
    public static string? Example(FieldForm field, XmlDocs docs)
    {
        var said = docs.Example(field.Property);
        return said.Length > 0 ? said
            : field.Value is ScalarForm { Kind: not (TextKind or TruthKind or WholeNumberKind), Rules.Range: null } scalar ? scalar.Kind.Example
            : null;
    }

    /// <summary>The order in which records are described: as they are met from the top of the file, kinds where they are chosen.</summary>
    public static IReadOnlyList<RecordForm> Records(ScenarioForm form)
    {
        var found = new List<RecordForm>();
        Add(form.Root, found);
        return found;
    }

    private static void Add(RecordForm record, List<RecordForm> found)
    {
        if (found.Contains(record))
        {
            return;
        }

        found.Add(record);
        foreach (var field in record.Fields)
        {
            if (RecordIn(field.Value) is { } inner)
            {
                Add(inner, found);
            }
        }

        foreach (var kind in record.Kinds?.Kinds.Values ?? [])
        {
            Add(kind, found);
        }
    }

    /// <summary>The record that a value is, or is a list of; null when it is something else.</summary>
    public static RecordForm? RecordIn(ValueForm form) => form switch
    {
        FieldsForm fields => fields.Record,
        ListForm list => RecordIn(list.Item),
        _ => null,
    };
}
