using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace ChaosDrill.Reports.Templates;

/// <summary>Keeps a page from running anything and from asking anybody for anything, whatever its template says.</summary>
/// <remarks>
/// The policy stands before all else of the page's head, so no template can leave it out or loosen it: scripts, pictures, frames
/// and forms do nothing. What a policy does not cover (a refresh to elsewhere, a connection made beforehand) is refused.
/// </remarks>
internal static partial class PagePolicy
{
    private const string Meta =
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\" />";

    // What a forbidden element may begin with: a page of megabytes holds few of them, and many other elements.
    private static readonly SearchValues<string> Suspects = SearchValues.Create(
        ["<script", "<link", "<base", "<iframe", "<frame", "<object", "<embed", "<applet", "<portal", "<fencedframe", "<form", "<meta"], StringComparison.OrdinalIgnoreCase);

    /// <summary>A page with the policy.</summary>
    /// <exception cref="TemplateException">The page does not begin as it must, or holds an element that it must not.</exception>
    public static string Apply(StringBuilder page, string file)
    {
        const int LongestHead = 4096;
        var head = Head().Match(page.ToString(0, Math.Min(page.Length, LongestHead)));
        var text = page.Insert(head.Length, head.Success ? "\n" + Meta : "").ToString();
        if (Find(text, head.Success ? head.Length + 1 + Meta.Length : 0) is { } found)
        {
            // Values are encoded, so the element comes from a template; it is looked for where it would stand.
            var template = TemplateFolder.Read(file);
            var what = $"\"{found.Value}\" is not allowed: a page runs nothing and asks nobody for anything. Allowed of its kind are <meta charset=...>, <meta name=... content=...> and <style>.";
            throw Find(template, 0) is { } here ? TemplateTag.Fault(file, template, here.Index, what) : new TemplateException($"{file}: {what}", file);
        }

        return head.Success ? text
            : throw TemplateTag.Fault(file, " ", 0, "the page must begin with <!DOCTYPE html>, <html ...> and <head>, so that its security policy can stand before all else.");
    }

    [GeneratedRegex(@"\A\s*<!DOCTYPE html>\s*<html(?: [a-z-]+=""[^""<>]*"")*>\s*<head>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    private static Match? Find(string text, int from)
    {
        for (var at = from; text.AsSpan(at).IndexOfAny(Suspects) is >= 0 and var next; at++)
        {
            at += next;
            if (Forbidden().Match(text, at) is { Success: true } found)
            {
                return found;
            }
        }

        return null;
    }

    [GeneratedRegex(
        @"\G(?:<(?:script|link|base|iframe|frame|frameset|object|embed|applet|portal|fencedframe|form)\b|<meta(?! (?:charset|name)=""[^""<>]*""(?: content=""[^""<>]*"")?\s*/?>))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Forbidden();
}
