using System.Globalization;
using System.Text;

namespace ChaosDrill.Views;

/// <summary>One line of text in pieces, each with its tone.</summary>
internal sealed class StyledLine
{
    private readonly List<(string Text, Tone Tone)> _pieces = [];

    /// <summary>Columns that the line takes.</summary>
    public int Width { get; private set; }

    /// <summary>An empty line.</summary>
    public static StyledLine Empty => new();

    /// <summary>Adds a piece; characters that would steer the terminal are replaced.</summary>
    public StyledLine Add(string text, Tone tone = Tone.Plain)
    {
        var printable = Printable(text);
        _pieces.Add((printable, tone));
        Width += Columns(printable);
        return this;
    }

    /// <summary>Adds a piece at least <paramref name="width"/> columns wide, filled with blanks on the right.</summary>
    public StyledLine AddColumn(string text, int width, Tone tone = Tone.Plain)
    {
        Add(text, tone);
        var missing = width - Columns(Printable(text));
        return missing > 0 ? Add(new string(' ', missing)) : this;
    }

    /// <summary>Fills with blanks up to a column; a line that is longer gets one blank.</summary>
    public StyledLine PadTo(int column) => Add(new string(' ', Math.Max(1, column - Width)));

    /// <summary>The line as it is written: cut to a width, with or without colours.</summary>
    public string Render(int width, bool colors)
    {
        var text = new StringBuilder();
        var left = width;
        foreach (var (piece, tone) in _pieces)
        {
            if (left <= 0)
            {
                break;
            }

            var shown = Columns(piece) <= left ? piece : Cut(piece, left);
            left -= Columns(shown);
            if (colors && tone != Tone.Plain && shown.Length > 0)
            {
                text.Append(Code(tone)).Append(shown).Append("\e[0m");
            }
            else
            {
                text.Append(shown);
            }
        }

        return text.ToString();
    }

    /// <summary>The bare text.</summary>
    public override string ToString() => string.Concat(_pieces.Select(p => p.Text));

    /// <summary>Text without anything that would move the cursor, change colours or ring the bell.</summary>
    public static string Printable(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 && text.AsSpan().IndexOfAnyInRange('\x7f', '\x9f') < 0
            ? text
            : string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static int Columns(string text) => new StringInfo(text).LengthInTextElements;

    private static string Cut(string text, int width) =>
        width == 1 ? "…" : new StringInfo(text).SubstringByTextElements(0, width - 1) + "…";

    private static string Code(Tone tone) => tone switch
    {
        Tone.Faint => "\e[2m",
        Tone.Strong => "\e[1m",
        Tone.Good => "\e[32m",
        Tone.Bad => "\e[31m",
        Tone.Warning => "\e[33m",
        _ => "",
    };
}
