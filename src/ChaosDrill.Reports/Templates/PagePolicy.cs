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

    /// <summary>A page with the policy.</summary>
    /// <exception cref="TemplateException">The page does not begin as it must, or holds an element that it must not.</exception>
    public static string Apply(string page, string file)
    {
        if (Forbidden().Match(page) is { Success: true } found)
        {
            // Values are encoded, so the element comes from a template; it is looked for where it would stand.
            var text = TemplateFolder.Read(file);
            var at = Forbidden().Match(text) is { Success: true } here ? here.Index : -1;
            var what = $"\"{found.Value}\" is not allowed: a page runs nothing and asks nobody for anything. Allowed of its kind are <meta charset=...>, <meta name=... content=...> and <style>.";
            throw at < 0 ? new TemplateException($"{file}: {what}", file) : TemplateTag.Fault(file, text, at, what);
        }

        var head = Head().Match(page);
        return head.Success ? page.Insert(head.Length, "\n" + Meta)
            : throw TemplateTag.Fault(file, " ", 0, "the page must begin with <!DOCTYPE html>, <html ...> and <head>, so that its security policy can stand before all else.");
    }

    [GeneratedRegex(@"\A\s*<!DOCTYPE html>\s*<html(?: [a-z-]+=""[^""<>]*"")*>\s*<head>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    [GeneratedRegex(
        @"<(?:script|link|base|iframe|frame|frameset|object|embed|applet|portal|fencedframe|form)\b|<meta(?! (?:charset|name)=""[^""<>]*""(?: content=""[^""<>]*"")?\s*/?>)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Forbidden();
}
