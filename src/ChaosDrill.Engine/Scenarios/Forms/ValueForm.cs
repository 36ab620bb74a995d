namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>
/// What may stand at one place of a scenario file. Reader, JSON Schema and reference all walk these forms, so that they
/// cannot disagree.
/// </summary>
internal abstract record ValueForm
{
    /// <summary>What stands there, for messages and the reference.</summary>
    public abstract string Noun { get; }
}

/// <summary>A single value.</summary>
/// <param name="Kind">Its type.</param>
/// <param name="Rules">What else is asked of it.</param>
internal sealed record ScalarForm(ScalarKind Kind, ScalarRules Rules) : ValueForm
{
    public override string Noun => Kind.Noun;
}

/// <summary>What is asked of a single value beyond its type.</summary>
/// <param name="Range">Smallest and largest value; null when any will do.</param>
/// <param name="Exactly">The only text allowed; null when any will do.</param>
/// <param name="DnsLabel">Whether it must be a label by RFC 1123.</param>
/// <param name="Filled">Whether it may not be blank.</param>
internal sealed record ScalarRules(ValueRange? Range, string? Exactly, bool DnsLabel, bool Filled);

/// <summary>Smallest and largest value allowed, as values and as they are written.</summary>
internal sealed record ValueRange(object Least, object Most, string LeastText, string MostText);

/// <summary>One word out of several.</summary>
/// <param name="Type">The enumeration.</param>
/// <param name="Words">The words, in the order of declaration.</param>
internal sealed record WordForm(Type Type, IReadOnlyList<Word> Words) : ValueForm
{
    public override string Noun => Shown.OneOf(Words.Select(w => w.Text));
}

/// <summary>One word of an enumeration.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Member">The name of the enumeration's member.</param>
internal sealed record Word(string Text, string Member);

/// <summary>A list.</summary>
/// <param name="Item">What each item is.</param>
/// <param name="ItemType">The type of an item.</param>
/// <param name="Filled">Whether it must have an item.</param>
internal sealed record ListForm(ValueForm Item, Type ItemType, bool Filled) : ValueForm
{
    public override string Noun => "list of " + Item.Noun;
}

/// <summary>Free names with text for each.</summary>
internal sealed record TextMapForm : ValueForm
{
    public override string Noun => "map of text";
}

/// <summary>A record: named fields.</summary>
/// <param name="Record">Its fields.</param>
internal sealed record FieldsForm(RecordForm Record) : ValueForm
{
    public override string Noun => Record.Noun;
}
