using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Wording;

/// <summary>Blacks out what looks like a secret.</summary>
/// <remarks>The second line of defence: secrets should not have reached the timeline. It errs on the side of hiding too much.</remarks>
internal static partial class Redaction
{
    private const string Hidden = "[redacted]";

    /// <summary>The text with secrets replaced by <c>[redacted]</c>.</summary>
    public static string Of(string text)
    {
        if (!MayHold().IsMatch(text))
        {
            return text;
        }

        text = PrivateKey().Replace(text, Hidden);
        text = Scheme().Replace(text, "$1 " + Hidden);
        text = WebToken().Replace(text, Hidden);
        text = UserInfo().Replace(text, "://" + Hidden + "@");
        return Assignment().Replace(text, "$1" + Hidden);
    }

    // Most texts hold nothing of the sort; one quick look spares them five.
    [GeneratedRegex("PRIVATE KEY|bearer|basic|eyJ|://|passw|secret|token|api[-_]?key|authorization", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MayHold();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?", RegexOptions.CultureInvariant)]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+", RegexOptions.CultureInvariant)]
    private static partial Regex WebToken();

    [GeneratedRegex(@"://[^/\s@]+@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    [GeneratedRegex("""((?:password|passwd|secret|token|api[-_]?key|authorization)["']?\s*[:=]\s*)(?!\[redacted)(?:"[^"\n]*"|'[^'\n]*'|(?:bearer|basic)\s+\[redacted\]|[^\s,;"']+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();
}
