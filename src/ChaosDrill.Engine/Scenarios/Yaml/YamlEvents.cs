using ChaosDrill.Model.Scenarios;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ChaosDrill.Engine.Scenarios.Yaml;

/// <summary>The parser's events, one by one; whatever the parser throws becomes a message with a place.</summary>
internal sealed class YamlEvents(string text, string file, Dictionary<int, int> tabs)
{
    private readonly Parser parser = new(new Scanner(new StringReader(text)));

    /// <exception cref="ScenarioException">The text is not YAML.</exception>
    public ParsingEvent Next()
    {
        var before = parser.Current?.End ?? Mark.Empty;
        try
        {
            if (parser.MoveNext())
            {
                return parser.Current!;
            }
        }
        catch (YamlException error)
        {
            // The parser reports a tab where the value before it began.
            throw new ScenarioException([Tab(before.Line, Math.Max(error.Start.Line, error.End.Line) + 1) ?? Explain(error)]);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A parser that trips over hostile text says no more than that this is not YAML. Known: InvalidOperationException
            // at tabs within brackets.
            throw new ScenarioException([Tab(before.Line, before.Line + 1) ?? Syntax(At(before), "this cannot be read as YAML")]);
        }

        throw new ScenarioException([Syntax(At(before), "the text ends too early")]);
    }

    public static ScenarioError TabError(SourcePosition at) =>
        new(ScenarioErrorCodes.Tab, at, "", "YAML does not allow tabs for indentation", "use spaces");

    /// <summary>The first line in the given span that is indented with a tab.</summary>
    private ScenarioError? Tab(long first, long last)
    {
        var line = tabs.Keys.Where(l => l >= first && l <= last).DefaultIfEmpty(0).Min();
        return line == 0 ? null : TabError(new SourcePosition(file, line, tabs[line]));
    }

    private ScenarioError Explain(YamlException error)
    {
        var index = (int)Math.Clamp(error.Start.Index, 0, text.Length);
        var at = At(error.Start);
        return (index < text.Length ? text[index] : ' ') switch
        {
            '@' or '`' or '%' or '*' or '&' or '!' =>
                Syntax(at, $"a value cannot begin with \"{text[index]}\" unless it is quoted", "put the value into quotes"),
            _ when error.Message.Contains("invalid mapping", StringComparison.Ordinal) =>
                Syntax(at, "a second \": \" stands in one line", "put the value into quotes, or begin a new line"),
            '"' or '\'' =>
                Syntax(at, "the quoted text that begins here is not closed, or not indented as its field is", "close the quotes in the same line"),
            _ => Syntax(at, Plain(error.Message)),
        };
    }

    // "While parsing a block mapping, did not find expected key." reads as part of a sentence.
    private static string Plain(string message)
    {
        var plain = message.TrimEnd('.');
        return plain.Length == 0 ? "this is not YAML" : "this is not YAML: " + char.ToLowerInvariant(plain[0]) + plain[1..];
    }

    private static ScenarioError Syntax(SourcePosition at, string message, string mend = "check indentation, colons and brackets here and in the line before") =>
        new(ScenarioErrorCodes.Syntax, at, "", message, mend);

    private SourcePosition At(Mark mark) => new(file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
