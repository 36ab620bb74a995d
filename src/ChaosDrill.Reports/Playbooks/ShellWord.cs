using System.Text.RegularExpressions;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>Writes a text as one word of a shell's command line.</summary>
internal static partial class ShellWord
{
    /// <summary>The text as it is when a shell reads nothing into it, in single quotes otherwise; always one line, never able to end a code fence.</summary>
    public static string Of(string text)
    {
        var line = Plain.Line(text);
        return Harmless().IsMatch(line) ? line : $"'{line.Replace("'", """'"'"'""", StringComparison.Ordinal)}'";
    }

    [GeneratedRegex(@"^[A-Za-z0-9@%+=:,./_-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Harmless();
}
