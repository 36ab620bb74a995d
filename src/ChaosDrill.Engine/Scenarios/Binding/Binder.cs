using ChaosDrill.Engine.Scenarios.Forms;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model;

namespace ChaosDrill.Engine.Scenarios.Binding;

/// <summary>Turns the elements of a file into records, walking the form and gathering every error on the way.</summary>
/// <remarks>
/// What cannot be read is replaced by something neutral and its field is put in doubt, so that everything else is still
/// looked at and a reader gets all errors in one round.
/// </remarks>
internal sealed class Binder(ErrorList errors)
{
    public object BindRecord(RecordForm form, YamlElement element, string path, string? kind = null)
    {
        if (element is YamlMapping mapping)
        {
            return new RecordBinder(this, errors, form, mapping, path).Bind(kind);
        }

        RefuseShape(element, path, "fields with values", Invite(form));
        return Neutral(form);
    }

    public object Bind(ValueForm form, YamlElement element, string path)
    {
        if (element is YamlScalar { Type: CoreType.Null } && form is not FieldsForm)
        {
            errors.Add(ScenarioErrorCodes.NoValue, element.Position, path, "has no value", "write one, or remove the field");
            return Neutral(form);
        }

        return form switch
        {
            ScalarForm scalar => BindScalar(scalar, element, path),
            WordForm word => BindWord(word, element, path),
            ListForm list => BindList(list, element, path),
            TextMapForm => BindMap(element, path),
            FieldsForm fields => BindRecord(fields.Record, element, path),
            _ => throw new InvalidOperationException($"No reader for {form}."),
        };
    }

    private object BindScalar(ScalarForm form, YamlElement element, string path)
    {
        if (element is not YamlScalar scalar)
        {
            RefuseShape(element, path, $"a single value ({form.Noun})", $"write {form.Kind.Example} or the like");
            return form.Kind.Neutral;
        }

        var complaint = form.Kind.Read(scalar, out var value) ?? ScalarRuling.Check(form, value);
        if (complaint is null)
        {
            return value;
        }

        errors.Add(complaint.Code, element.Position, path, complaint.Message, complaint.Mend);
        return form.Kind.Neutral;
    }

    private object BindWord(WordForm form, YamlElement element, string path)
    {
        var words = form.Words.Select(w => w.Text).ToList();
        if (element is not YamlScalar scalar)
        {
            RefuseShape(element, path, form.Noun, $"write one word, such as {words[0]}");
        }
        else if (form.Words.FirstOrDefault(w => w.Text == scalar.Text) is { Member: { } member })
        {
            return Enum.Parse(form.Type, member);
        }
        else
        {
            var near = NearestName.Of(scalar.Text, words);
            errors.Add(
                ScenarioErrorCodes.UnknownWord, element.Position, path, $"found {scalar.Noun}, allowed: {Shown.OneOf(words)}",
                near is null ? $"write {Shown.OneOf(words)}" : $"did you mean \"{near}\"?");
        }

        return Neutral(form);
    }

    private Array BindList(ListForm form, YamlElement element, string path)
    {
        if (element is not YamlList list)
        {
            RefuseShape(element, path, "a list", element is YamlScalar ? "put \"- \" before the value, or brackets around it" : "begin each item with \"- \"");
            return Array.CreateInstance(form.ItemType, 0);
        }

        if (form.Filled && list.Items.Count == 0)
        {
            errors.Add(ScenarioErrorCodes.NothingInIt, element.Position, path, "the list is empty", "write at least one item");
        }

        var items = Array.CreateInstance(form.ItemType, list.Items.Count);
        for (var i = 0; i < list.Items.Count && !errors.IsFull; i++)
        {
            items.SetValue(Bind(form.Item, list.Items[i], $"{path}[{i}]"), i);
        }

        return errors.IsFull ? Array.CreateInstance(form.ItemType, 0) : items;
    }

    private Dictionary<string, string> BindMap(YamlElement element, string path)
    {
        var map = new Dictionary<string, string>();
        if (element is not YamlMapping mapping)
        {
            RefuseShape(element, path, "names with text for each", "write \"name: text\", one a line");
            return map;
        }

        var text = new ScalarForm(ScalarKinds.Of(typeof(string))!, new ScalarRules(null, null, false, Filled: false));
        foreach (var field in mapping.Fields.TakeWhile(_ => !errors.IsFull))
        {
            map[field.Name] = (string)Bind(text, field.Value, Join(path, field.Name));
        }

        return map;
    }

    public static string Join(string path, string name)
    {
        var shown = name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : Shown.Quoted(name);
        return path.Length == 0 ? shown : shown[0] == '"' ? $"{path}[{shown}]" : $"{path}.{shown}";
    }

    /// <summary>Something of the right type that stands in for what could not be read.</summary>
    public static object Neutral(ValueForm form) => form switch
    {
        ScalarForm scalar => scalar.Kind.Neutral,
        WordForm word => Enum.Parse(word.Type, word.Words[0].Member),
        ListForm list => Array.CreateInstance(list.ItemType, 0),
        TextMapForm => new Dictionary<string, string>(),
        FieldsForm fields => Neutral(fields.Record),
        _ => throw new InvalidOperationException($"Nothing neutral for {form}."),
    };

    public static object Neutral(RecordForm form)
    {
        var record = form.Create();
        foreach (var field in form.Fields)
        {
            if (field.Required)
            {
                field.Property.SetValue(record, Neutral(field.Value));
            }
        }

        return record;
    }

    private void RefuseShape(YamlElement element, string path, string needs, string mend) =>
        errors.Add(ScenarioErrorCodes.WrongShape, element.Position, path, $"found {element.Noun}, needs {needs}", mend);

    private static string Invite(RecordForm form)
    {
        var names = form.Kinds is null ? [.. form.Fields.Where(f => f.Required).Select(f => f.Name)] : form.Kinds.Kinds.Keys.ToList();
        names = names.Count > 0 ? names : [.. form.Names];
        return names.Count == 0 ? "write \"{}\"" : $"write \"{names[0]}: ...\", one field a line";
    }
}
