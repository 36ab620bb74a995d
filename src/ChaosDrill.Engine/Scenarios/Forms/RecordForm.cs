using System.Reflection;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>The fields of one record type as a file writes them.</summary>
internal sealed class RecordForm(Type type, ScenarioForm forms)
{
    private readonly Lazy<Members> members = new(() => Members.Of(type, forms));

    public Type Type => type;

    /// <summary>What the record is called: <c>step</c>, <c>steady state condition</c>.</summary>
    public string Noun => Naming.Words(type.Name);

    /// <summary>The fields in the order of declaration, without the kinds.</summary>
    public IReadOnlyList<FieldForm> Fields => members.Value.Fields;

    /// <summary>The member that is written as one field out of several; null when there is none.</summary>
    public KindsForm? Kinds => members.Value.Kinds;

    /// <summary>Where the place in the file is noted; null when the record does not want to know.</summary>
    public PropertyInfo? Source => members.Value.Source;

    /// <summary>The names of all fields and kinds, for guesses at misspelt ones.</summary>
    public IEnumerable<string> Names => Fields.Select(f => f.Name).Concat(Kinds?.Kinds.Keys ?? []);

    public FieldForm? Field(string name) => members.Value.ByName.GetValueOrDefault(name);

    /// <summary>A record with the defaults, and nothing where a value is required.</summary>
    /// <exception cref="InvalidOperationException">The record is not one that can be read.</exception>
    public object Create() => members.Value.Constructor.Invoke(null);

    private sealed record Members(
        IReadOnlyList<FieldForm> Fields, Dictionary<string, FieldForm> ByName, KindsForm? Kinds, PropertyInfo? Source, ConstructorInfo Constructor)
    {
        public static Members Of(Type type, ScenarioForm forms)
        {
            var constructor = type.GetConstructor(Type.EmptyTypes)
                ?? throw new InvalidOperationException($"{type} cannot be read from a scenario: it has no parameterless constructor.");
            var fields = new List<FieldForm>();
            KindsForm? kinds = null;
            PropertyInfo? source = null;
            foreach (var property in InOrder(type))
            {
                var attributes = property.CanWrite ? property.GetCustomAttributes(inherit: false) : [];
                if (property.PropertyType == typeof(SourcePosition))
                {
                    source = property;
                }
                else if (attributes.OfType<OneOfAttribute>().Any())
                {
                    kinds = new KindsForm(property, forms.KindsOf(property.PropertyType));
                }
                else if (property.CanWrite && !attributes.OfType<NotInFileAttribute>().Any())
                {
                    fields.Add(forms.FieldOf(property, attributes));
                }
            }

            return new Members(fields, fields.ToDictionary(f => f.Name), kinds, source, constructor);
        }

        // A base record's fields come first; within a type the order of declaration is that of the metadata tokens.
        private static IEnumerable<PropertyInfo> InOrder(Type type) =>
            type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .OrderBy(p => Depth(p.DeclaringType))
                .ThenBy(p => p.MetadataToken);

        private static int Depth(Type? type) => type is null ? 0 : 1 + Depth(type.BaseType);
    }
}

/// <summary>A member that is written as one field out of several, named for the kind.</summary>
/// <param name="Property">The member.</param>
/// <param name="Kinds">The records to choose from, by the name of the field.</param>
internal sealed record KindsForm(PropertyInfo Property, IReadOnlyDictionary<string, RecordForm> Kinds);
