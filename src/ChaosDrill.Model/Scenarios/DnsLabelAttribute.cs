namespace ChaosDrill.Model.Scenarios;

/// <summary>
/// A name as RFC 1123 and Kubernetes want it for labels of a host name: lower-case letters, digits and <c>-</c>, a letter
/// or digit at both ends, at most 63 characters. On a list, each item is such a name.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DnsLabelAttribute : Attribute
{
    /// <summary>The longest name allowed, in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>Whether <paramref name="text"/> is such a name.</summary>
    public static bool IsLabel(string text)
    {
        if (text.Length is 0 or > MaxLength || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }
}
