using System.Reflection;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using ChaosDrill.Engine.Scenarios.Forms;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>The documentation comments of types and members, from the files that the compiler writes beside each assembly.</summary>
public sealed class XmlDocs
{
    private readonly Dictionary<string, XElement> members = [];

    /// <summary>Takes the comments from the given documentation files.</summary>
    /// <exception cref="XmlException">One of them is not such a file.</exception>
    public XmlDocs(IEnumerable<TextReader> files)
    {
        foreach (var file in files)
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                members[(string?)member.Attribute("name") ?? ""] = member;
            }
        }
    }

    /// <summary>The comments of the assemblies that a vocabulary's types come from.</summary>
    /// <exception cref="FileNotFoundException">An assembly has no documentation file beside it.</exception>
    public static XmlDocs Of(ScenarioVocabulary vocabulary)
    {
        var types = vocabulary.Steps.Values.Concat(vocabulary.Probes.Values).Concat(vocabulary.Objectives.Values);
        var readers = types.Append(typeof(Model.Scenarios.Scenario)).Select(t => t.Assembly).Distinct()
            .Select(a => new StreamReader(Path.ChangeExtension(a.Location, ".xml"))).ToList();
        try
        {
            return new XmlDocs(readers);
        }
        finally
        {
            readers.ForEach(r => r.Dispose());
        }
    }

    /// <summary>What a type is, in one or two sentences with <c>`code`</c> in backticks; empty when it is not said.</summary>
    public string Summary(Type type) => Text("T:" + IdOf(type), "summary");

    /// <summary>What else there is to know of a type; empty when its comment has no <c>remarks</c>.</summary>
    public string Remarks(Type type) => Text("T:" + IdOf(type), "remarks");

    /// <summary>What a property is; of the nearest base type that says it.</summary>
    public string Summary(PropertyInfo property) => Text($"P:{IdOf(property.DeclaringType!)}.{property.Name}", "summary");

    /// <summary>What a word of an enumeration means.</summary>
    public string Summary(Type type, string member) => Text($"F:{IdOf(type)}.{member}", "summary");

    /// <summary>A value that shows how the property is written; empty when the comment has no <c>example</c>.</summary>
    public string Example(PropertyInfo property) => Text($"P:{IdOf(property.DeclaringType!)}.{property.Name}", "example");

    private static string IdOf(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    private string Text(string id, string part)
    {
        var element = members.GetValueOrDefault(id)?.Element(part);
        if (element is null)
        {
            return "";
        }

        var text = new StringBuilder();
        Append(text, element);
        return string.Join(' ', text.ToString().Split(null as char[], StringSplitOptions.RemoveEmptyEntries));
    }

    private static void Append(StringBuilder text, XElement element)
    {
        foreach (var node in element.Nodes())
        {
            if (node is XText plain)
            {
                text.Append(plain.Value);
            }
            else if (node is XElement { Name.LocalName: "c" } code)
            {
                text.Append('`').Append(code.Value).Append('`');
            }
            else if (node is XElement { Name.LocalName: "see" or "paramref" } reference)
            {
                text.Append('`').Append(Target(reference)).Append('`');
            }
            else if (node is XElement other)
            {
                Append(text, other);
            }
        }
    }

    // "T:ChaosDrill.Model.Scenarios.AwaitRecovery" is awaitRecovery to who writes a scenario.
    private static string Target(XElement reference)
    {
        var target = reference.Attributes().FirstOrDefault()?.Value ?? reference.Value;
        var name = target.Split('(')[0].Split('.', ':')[^1];
        return name.Length == 0 ? target : Naming.Field(name);
    }
}
