using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Yaml;

/// <summary>The lines of a text, broken where the YAML scanner breaks them, so that positions agree.</summary>
internal static class Lines
{
    /// <summary>Line and column, both from 1, of the character with the given index.</summary>
    public static SourcePosition PositionAt(string text, int index, string file)
    {
        var (line, start) = (1, text.StartsWith('\ufeff') ? 1 : 0);
        for (var i = 0; i < index; i++)
        {
            if (EndsLine(text, i))
            {
                (line, start) = (line + 1, i + 1);
            }
        }

        return new SourcePosition(file, line, Math.Max(1, index - start + 1));
    }

    /// <summary>Numbers (from 1) of the lines whose indentation has a tab in it, each with the tab's column.</summary>
    public static Dictionary<int, int> IndentedWithTab(string text)
    {
        var found = new Dictionary<int, int>();
        if (!text.Contains('\t', StringComparison.Ordinal))
        {
            return found;
        }

        var (line, start, indenting) = (1, 0, true);
        for (var i = 0; i < text.Length; i++)
        {
            if (EndsLine(text, i))
            {
                (line, start, indenting) = (line + 1, i + 1, true);
            }
            else if (indenting && text[i] == '\t')
            {
                found[line] = i - start + 1;
                indenting = false;
            }
            else
            {
                indenting &= text[i] == ' ';
            }
        }

        return found;
    }

    private static bool EndsLine(string text, int i) =>
        text[i] is '\n' or '\u0085' or '\u2028' or '\u2029' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'));
}
