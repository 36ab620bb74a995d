using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Yaml;

/// <summary>A piece of a file, with its place.</summary>
internal abstract record YamlElement(SourcePosition Position)
{
    /// <summary>What this is, for messages.</summary>
    public abstract string Noun { get; }
}

/// <summary>A single value.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Text">What it says, without quotes.</param>
/// <param name="Type">What YAML's core schema makes of it; always text when it is quoted.</param>
internal sealed record YamlScalar(SourcePosition Position, string Text, CoreType Type) : YamlElement(Position)
{
    public override string Noun => Type switch
    {
        CoreType.Null => "nothing",
        CoreType.Bool => $"the truth value {Text}",
        CoreType.WholeNumber or CoreType.Number => $"the number {Text}",
        _ => Shown.Quoted(Text),
    };
}

/// <summary>A list.</summary>
internal sealed record YamlList(SourcePosition Position, IReadOnlyList<YamlElement> Items) : YamlElement(Position)
{
    public override string Noun => "a list";
}

/// <summary>Fields with values, in file order, each name once.</summary>
internal sealed record YamlMapping(SourcePosition Position, IReadOnlyList<YamlField> Fields) : YamlElement(Position)
{
    public override string Noun => "fields";
}

/// <summary>One field of a mapping.</summary>
/// <param name="Name">Its name.</param>
/// <param name="NamePosition">Where the name stands.</param>
/// <param name="Value">Its value.</param>
internal sealed record YamlField(string Name, SourcePosition NamePosition, YamlElement Value);
