using System.Globalization;

namespace ChaosDrill.Model.Scenarios;

/// <summary>A number of things, or a percentage of those at hand.</summary>
/// <param name="Count">The number; null when a share is given.</param>
/// <param name="Share">The share; null when a number is given.</param>
public sealed record Amount(int? Count, Ratio? Share)
{
    /// <summary>Reads <c>2</c> or <c>34%</c>.</summary>
    public static bool TryParse(string text, out Amount amount)
    {
        amount = new Amount(null, null);
        if (Ratio.TryParse(text, out var share))
        {
            amount = new Amount(null, share);
            return true;
        }

        // .NET reads "5\0" as 5; a file must not.
        if (!text.AsSpan().ContainsAnyExceptInRange('0', '9')
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            amount = new Amount(count, null);
            return true;
        }

        return false;
    }

    /// <summary>The most of <paramref name="total"/> that this amount allows; a share is rounded down, as a limit must be.</summary>
    public int LimitOf(int total) => Count ?? (int)Math.Floor((Share!.Value.Value * total) + 1e-9);

    /// <summary>As it is written in a scenario.</summary>
    public override string ToString() => Count?.ToString(CultureInfo.InvariantCulture) ?? Share!.Value.ToString();
}
