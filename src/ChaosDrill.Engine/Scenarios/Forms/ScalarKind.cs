using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;

namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>A type of single value: how it is called, read, written, and described in a schema.</summary>
internal abstract class ScalarKind
{
    /// <summary>What it is called in messages and in the reference: <c>duration</c>.</summary>
    public abstract string Noun { get; }

    /// <summary>A value that shows the notation.</summary>
    public abstract string Example { get; }

    /// <summary>Stands in for a value that could not be read, so that the rest can be looked at.</summary>
    public abstract object Neutral { get; }

    /// <summary>Reads a value that is not null.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public abstract Complaint? Read(YamlScalar scalar, out object value);

    /// <summary>The value in the notation of the file.</summary>
    public virtual string Write(object value) => value.ToString() ?? "";

    /// <summary>Which of two values is larger, as <see cref="IComparable"/> tells it.</summary>
    public virtual int Compare(object one, object other) => ((IComparable)one).CompareTo(other);

    /// <summary>The value as JSON has it, for the schema's defaults.</summary>
    public virtual JsonNode? ToJson(object value) => JsonValue.Create(Write(value));

    /// <summary>JSON Schema keywords that describe the notation.</summary>
    public abstract JsonObject Schema();

    /// <summary>Reads a limit or the like that is written in the source of this program.</summary>
    public object Parse(string text) =>
        Read(new YamlScalar(new("", 0, 0), text, CoreSchema.TypeOf(text)), out var value) is null
            ? value
            : throw new InvalidOperationException($"\"{text}\" is not a {Noun}.");
}

/// <summary>What is wrong with a single value.</summary>
/// <param name="Code">One of <see cref="ScenarioErrorCodes"/>.</param>
/// <param name="Message">What was found and what is allowed.</param>
/// <param name="Mend">What to write instead.</param>
internal sealed record Complaint(string Code, string Message, string Mend);
