using System.Buffers;

namespace ChaosDrill.Engine.Scenarios.Yaml;

/// <summary>What YAML 1.2's core schema (chapter 10.3.2) makes of an unquoted value.</summary>
internal enum CoreType
{
    Text,
    Null,
    Bool,
    WholeNumber,
    Number,
}

/// <summary>Tells the type of an unquoted value. <c>yes</c>, <c>on</c>, dates and <c>12:30</c> are text, unlike in YAML 1.1.</summary>
internal static class CoreSchema
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static CoreType TypeOf(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => CoreType.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => CoreType.Bool,
        ".nan" or ".NaN" or ".NAN" => CoreType.Number,
        _ when !MayBeNumber(text[0]) => CoreType.Text,
        _ => NumberType(text),
    };

    private static bool MayBeNumber(char first) => char.IsAsciiDigit(first) || first is '+' or '-' or '.';

    private static CoreType NumberType(string text)
    {
        var rest = text.AsSpan();
        if (rest.StartsWith("0x") || rest.StartsWith("0o"))
        {
            var digits = rest[2..];
            var good = rest[1] == 'x' ? !digits.ContainsAnyExcept(HexDigits) : !digits.ContainsAnyExceptInRange('0', '7');
            return good && !digits.IsEmpty ? CoreType.WholeNumber : CoreType.Text;
        }

        if (rest[0] is '+' or '-')
        {
            rest = rest[1..];
        }

        if (rest is ".inf" or ".Inf" or ".INF")
        {
            return CoreType.Number;
        }

        var whole = Digits(ref rest);
        if (rest.IsEmpty)
        {
            return whole > 0 ? CoreType.WholeNumber : CoreType.Text;
        }

        var fraction = 0;
        if (rest[0] == '.')
        {
            rest = rest[1..];
            fraction = Digits(ref rest);
        }

        if (whole + fraction == 0)
        {
            return CoreType.Text;
        }

        if (!rest.IsEmpty && rest[0] is ('e' or 'E'))
        {
            rest = rest[1..];
            if (!rest.IsEmpty && rest[0] is ('+' or '-'))
            {
                rest = rest[1..];
            }

            if (Digits(ref rest) == 0)
            {
                return CoreType.Text;
            }
        }

        return rest.IsEmpty ? CoreType.Number : CoreType.Text;
    }

    private static int Digits(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        var count = end < 0 ? rest.Length : end;
        rest = rest[count..];
        return count;
    }
}
