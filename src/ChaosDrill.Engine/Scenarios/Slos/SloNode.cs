using System.Globalization;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Slos;

/// <summary>A place in another tool's file. What is not there gives nothing, and what is wrong is noted once.</summary>
internal sealed class SloNode(YamlElement? element, string path, SourcePosition place, ErrorList errors)
{
    /// <summary>Whether something is written here.</summary>
    public bool Exists => element is not null and not YamlScalar { Type: CoreType.Null };

    /// <summary>The fields that are written here.</summary>
    public IEnumerable<string> Names => (element as YamlMapping)?.Fields.Select(f => f.Name) ?? [];

    /// <summary>A field; nothing when it is not written.</summary>
    public SloNode this[string name]
    {
        get
        {
            if (Exists && element is not YamlMapping)
            {
                Wrong(ScenarioErrorCodes.WrongType, $"found {element!.Noun}, needs fields", $"write {name}: and the rest as fields");
                return new SloNode(null, $"{path}.{name}", place, errors);
            }

            var field = (element as YamlMapping)?.Fields.FirstOrDefault(f => f.Name == name);
            return new SloNode(field?.Value, path.Length == 0 ? name : $"{path}.{name}", field?.Value.Position ?? element?.Position ?? place, errors);
        }
    }

    /// <summary>The items of a list; none when nothing is written.</summary>
    public IReadOnlyList<SloNode> Items
    {
        get
        {
            if (element is YamlList list)
            {
                return [.. list.Items.Select((item, i) => new SloNode(item, $"{path}[{i}]", item.Position, errors))];
            }

            if (Exists)
            {
                Wrong(ScenarioErrorCodes.WrongType, $"found {element!.Noun}, needs a list", "begin each item with \"- \"");
            }

            return [];
        }
    }

    /// <summary>A text that may be missing.</summary>
    public string? Text
    {
        get
        {
            if (!Exists)
            {
                return null;
            }

            if (element is YamlScalar scalar)
            {
                return scalar.Text;
            }

            Wrong(ScenarioErrorCodes.WrongType, $"found {element!.Noun}, needs text", "write a text");
            return null;
        }
    }

    /// <summary>A text that must be there; empty when it is not, which is noted.</summary>
    public string RequiredText
    {
        get
        {
            if (!Exists || (element is YamlScalar { Text: var text } && string.IsNullOrWhiteSpace(text)))
            {
                Wrong(ScenarioErrorCodes.MissingField, "it is missing", "add it");
                return "";
            }

            return Text ?? "";
        }
    }

    /// <summary>A number between two bounds, themselves left out; null when it is none, which is noted.</summary>
    public double? Between(double least, double most)
    {
        var text = RequiredText;
        if (text.Length == 0)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && (double)number > least && (double)number < most)
        {
            return (double)number;
        }

        Wrong(
            ScenarioErrorCodes.OutOfRange, $"found {Shown.Quoted(text)}, needs a number above {least.ToString(CultureInfo.InvariantCulture)} and below {most.ToString(CultureInfo.InvariantCulture)}",
            $"write {(most == 1 ? "0.999" : "99.9")} or the like");
        return null;
    }

    /// <summary>Refuses fields that are not among the known, at this place alone.</summary>
    public void Knows(params ReadOnlySpan<string> known)
    {
        var names = known.ToArray();
        foreach (var field in (element as YamlMapping)?.Fields ?? [])
        {
            if (!names.Contains(field.Name))
            {
                var near = NearestName.Of(field.Name, names);
                errors.Add(
                    ScenarioErrorCodes.UnknownField, field.NamePosition, path.Length == 0 ? field.Name : $"{path}.{field.Name}", $"unknown field {Shown.Quoted(field.Name)}",
                    near is not null ? $"did you mean \"{near}\"?" : $"allowed: {string.Join(", ", names)}");
            }
        }
    }

    /// <summary>Notes that something is wrong here.</summary>
    public void Wrong(string code, string message, string mend) => errors.Add(code, place, path, message, mend);
}
