using System.Globalization;

namespace ChaosDrill.Actions.Preflight;

/// <summary>Reads quantities such as <c>100m</c>, <c>64Mi</c> or <c>1e3</c>. Source: kubernetes/apimachinery resource.Quantity.</summary>
internal static class Quantity
{
    private static readonly Dictionary<string, decimal> Suffixes = new()
    {
        [""] = 1, ["n"] = 1e-9m, ["u"] = 1e-6m, ["m"] = 1e-3m, ["k"] = 1e3m, ["M"] = 1e6m, ["G"] = 1e9m, ["T"] = 1e12m, ["P"] = 1e15m, ["E"] = 1e18m,
        ["Ki"] = 1L << 10, ["Mi"] = 1L << 20, ["Gi"] = 1L << 30, ["Ti"] = 1L << 40, ["Pi"] = 1L << 50, ["Ei"] = 1L << 60,
    };

    /// <summary>The number; null when it cannot be read.</summary>
    public static decimal? Parse(string text)
    {
        var end = text.Length;
        while (end > 0 && char.IsAsciiLetter(text[end - 1]))
        {
            end--;
        }

        return Suffixes.TryGetValue(text[end..], out var unit) && decimal.TryParse(text[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number * unit
            : null;
    }
}
