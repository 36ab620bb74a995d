using System.Reflection;

namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>One field of a record.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Property">The member it sets.</param>
/// <param name="Value">What may stand there.</param>
/// <param name="Required">Whether it must be written.</param>
internal sealed record FieldForm(string Name, PropertyInfo Property, ValueForm Value, bool Required);
