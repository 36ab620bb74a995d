using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>The form of a scenario file, taken from the record types. Only what is asked for is looked at.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ScenarioForm(ScenarioVocabulary vocabulary)
{
    private readonly ConcurrentDictionary<Type, RecordForm> records = new();

    /// <summary>The whole file.</summary>
    public RecordForm Root => RecordOf(typeof(Scenario));

    public RecordForm RecordOf(Type type) => records.GetOrAdd(type, static (t, forms) => new RecordForm(t, forms), this);

    public IReadOnlyDictionary<string, RecordForm> KindsOf(Type family)
    {
        var kinds = new Dictionary<string, RecordForm>();
        foreach (var (name, type) in vocabulary.KindsOf(family))
        {
            kinds.Add(name, RecordOf(type));
        }

        return kinds;
    }

    /// <param name="property">The member.</param>
    /// <param name="attributes">All its attributes; asking for each by itself would take most of the time that reading takes.</param>
    public FieldForm FieldOf(PropertyInfo property, object[] attributes)
    {
        var required = attributes.OfType<RequiredMemberAttribute>().Any();
        return new FieldForm(Naming.Field(property.Name), property, ValueOf(property.PropertyType, property, attributes, required), required);
    }

    private ValueForm ValueOf(Type declared, PropertyInfo property, object[] attributes, bool required)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (ScalarKinds.Of(type) is { } kind)
        {
            kind = type == typeof(string) && attributes.OfType<OrNumberAttribute>().Any() ? ScalarKinds.TextOrNumber : kind;
            return new ScalarForm(kind, RulesOf(kind, attributes, required));
        }

        if (type.IsEnum)
        {
            return new WordForm(type, [.. Enum.GetNames(type).Select(n => new Word(Naming.Field(n), n))]);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var item = type.GetGenericArguments()[0];

            // No item may be blank: an empty name in a list is never meant.
            return new ListForm(ValueOf(item, property, attributes, required: true), item, required);
        }

        if (type == typeof(IReadOnlyDictionary<string, string>))
        {
            return new TextMapForm();
        }

        if (type.IsClass && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null)
        {
            return new FieldsForm(RecordOf(type));
        }

        throw new InvalidOperationException($"{property.DeclaringType}.{property.Name}: {type} cannot be read from a scenario.");
    }

    private static ScalarRules RulesOf(ScalarKind kind, object[] attributes, bool required)
    {
        var between = attributes.OfType<BetweenAttribute>().FirstOrDefault();
        var range = between is null
            ? null
            : new ValueRange(kind.Parse(between.Least), kind.Parse(between.Most), between.Least, between.Most);
        return new ScalarRules(
            range,
            attributes.OfType<ExactlyAttribute>().FirstOrDefault()?.Value,
            attributes.OfType<DnsLabelAttribute>().Any(),
            required);
    }
}
