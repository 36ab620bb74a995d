using ChaosDrill.Engine.Scenarios.Forms;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Binding;

/// <summary>Fills one record from one mapping.</summary>
internal sealed class RecordBinder(Binder binder, ErrorList errors, RecordForm form, YamlMapping mapping, string path)
{
    private readonly HashSet<string> bound = [];
    private readonly HashSet<string> meant = [];
    private readonly object record = form.Create();
    private YamlField? chosen;
    private bool misspelt;

    public object Bind(string? kind)
    {
        foreach (var field in mapping.Fields.TakeWhile(_ => !errors.IsFull))
        {
            BindField(field);
        }

        CheckKind();
        CheckRequired();
        form.Source?.SetValue(record, mapping.Position);
        if (kind is not null && record is StepAction)
        {
            typeof(StepAction).GetProperty(nameof(StepAction.Kind))!.SetValue(record, kind);
        }

        return record;
    }

    private void BindField(YamlField field)
    {
        var fieldPath = Binder.Join(path, field.Name);
        if (form.Field(field.Name) is { } known)
        {
            bound.Add(field.Name);
            known.Property.SetValue(record, binder.Bind(known.Value, field.Value, fieldPath));
        }
        else if (form.Kinds is { } kinds && kinds.Kinds.TryGetValue(field.Name, out var kind))
        {
            BindKind(kinds, kind, field, fieldPath);
        }
        else
        {
            RefuseUnknown(field, fieldPath);
        }
    }

    private void BindKind(KindsForm kinds, RecordForm kind, YamlField field, string fieldPath)
    {
        if (chosen is not null)
        {
            errors.Add(
                ScenarioErrorCodes.SeveralKinds, field.NamePosition, fieldPath,
                $"{Shown.WithArticle(form.Noun)} is one thing, and this one is already {chosen.Name} (line {chosen.NamePosition.Line})",
                $"make it {Shown.WithArticle(form.Noun)} of its own");
            return;
        }

        chosen = field;
        kinds.Property.SetValue(record, binder.BindRecord(kind, field.Value, fieldPath, field.Name));
    }

    private void RefuseUnknown(YamlField field, string fieldPath)
    {
        misspelt = true;
        var near = NearestName.Of(field.Name, form.Names);
        if (near is not null)
        {
            // What was meant is there after all: it is not reported as missing, and nothing is concluded from its absence.
            meant.Add(near);
            errors.Doubt(Binder.Join(path, near));
        }

        errors.Add(
            ScenarioErrorCodes.UnknownField, field.NamePosition, fieldPath,
            $"unknown field {Shown.Quoted(field.Name)}",
            near is not null ? $"did you mean \"{near}\"?" : form.Names.Any() ? "allowed: " + string.Join(", ", form.Names) : "it has no fields");
    }

    private void CheckKind()
    {
        // A misspelt kind has been reported as such.
        if (form.Kinds is { } kinds && chosen is null && !misspelt)
        {
            errors.Add(
                ScenarioErrorCodes.NoKind, mapping.Position, path, $"{Shown.WithArticle(form.Noun)} must say what it is",
                kinds.Kinds.Count == 0 ? "there is no kind to choose from" : $"add one of: {string.Join(", ", kinds.Kinds.Keys)}");
        }
    }

    private void CheckRequired()
    {
        foreach (var field in form.Fields)
        {
            if (!field.Required || bound.Contains(field.Name))
            {
                continue;
            }

            field.Property.SetValue(record, Binder.Neutral(field.Value));
            if (meant.Contains(field.Name))
            {
                continue;
            }

            errors.Add(
                ScenarioErrorCodes.MissingField, mapping.Position, Binder.Join(path, field.Name),
                $"the required field \"{field.Name}\" is missing", $"add \"{field.Name}: {Sample(field)}\"");
        }
    }

    private static string Sample(FieldForm field) => field.Value switch
    {
        ScalarForm { Rules.Exactly: { } only } => only,
        ScalarForm scalar => scalar.Kind.Example,
        WordForm word => word.Words[0].Text,
        _ => "...",
    };
}
