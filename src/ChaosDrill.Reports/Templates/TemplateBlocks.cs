using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Templates;

/// <summary>Looks over a template before it is compiled: blocks must match, and there must not be so many that compiling takes for ever.</summary>
/// <remarks>The compiler says neither where a block was left open nor that it was, and 20,000 nested blocks keep it busy for half a minute.</remarks>
internal static partial class TemplateBlocks
{
    private const int DeepestNesting = 50;

    private const int MostExpressions = 5_000;

    /// <summary>Checks a template.</summary>
    /// <exception cref="TemplateException">A block is left open or closed twice, or there are too many; gives line and column.</exception>
    public static void Check(string file, string text)
    {
        Stack<(string Name, int At)> open = new();
        var count = 0;
        foreach (Match tag in Tag().Matches(text))
        {
            if (tag.Groups["comment"].Success)
            {
                continue;
            }

            if (++count > MostExpressions)
            {
                throw Fault(file, text, tag.Index, $"the template has more than {MostExpressions:N0} expressions. Move parts of it to partials/.");
            }

            var name = tag.Groups["name"].Value;
            switch (tag.Groups["sign"].Value)
            {
                case "#":
                case "^" when name.Length > 0:
                    open.Push((name, tag.Index));
                    if (open.Count > DeepestNesting)
                    {
                        throw Fault(file, text, tag.Index, $"blocks are nested more than {DeepestNesting} deep. Move the inner ones to partials/.");
                    }

                    break;
                case "/":
                    Close(open, name, file, text, tag.Index);
                    break;
            }
        }

        if (open.TryPeek(out var left))
        {
            throw Fault(file, text, left.At, $"{{{{#{left.Name}}}}} is never closed; add {{{{/{left.Name}}}}}.");
        }
    }

    private static void Close(Stack<(string Name, int At)> open, string name, string file, string text, int at)
    {
        if (!open.TryPop(out var begin))
        {
            throw Fault(file, text, at, $"{{{{/{name}}}}} closes nothing that is open.");
        }

        if (begin.Name != name)
        {
            throw Fault(
                file, text, at, $"{{{{/{name}}}}} closes nothing that is open; {{{{#{begin.Name}}}}} of line {Place(text, begin.At).Line} is.");
        }
    }

    private static TemplateException Fault(string file, string text, int at, string what)
    {
        var (line, column) = Place(text, at);
        return new TemplateException($"{file}:{line}:{column}: {what}", file, line, column);
    }

    private static (int Line, int Column) Place(string text, int at) =>
        (text.AsSpan(0, at).Count('\n') + 1, at - text.AsSpan(0, at).LastIndexOf('\n'));

    [GeneratedRegex(
        @"(?<comment>\{\{~?!--.*?--~?\}\}|\{\{~?!.*?\}\}|\\\{\{)|\{\{\{?~?\s*(?<sign>[#/^])?[>*]?\s*(?<name>[^\s~}]*)",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
