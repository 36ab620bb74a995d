using System.Globalization;

namespace ChaosDrill.Model.Scenarios;

/// <summary>A day, or days from one to another, both included. Written <c>2026-11-27</c> or <c>2026-12-20..2027-01-06</c>.</summary>
/// <param name="First">First day.</param>
/// <param name="Last">Last day.</param>
public sealed record DateSpan(DateOnly First, DateOnly Last)
{
    private const string Form = "yyyy-MM-dd";

    /// <summary>Reads the notation; null when it is none, or ends before it begins.</summary>
    public static DateSpan? Parse(string text)
    {
        var ends = text.Split("..");
        return ends.Length <= 2
            && DateOnly.TryParseExact(ends[0], Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
            && DateOnly.TryParseExact(ends[^1], Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var last)
            && first <= last
            ? new DateSpan(first, last)
            : null;
    }

    /// <inheritdoc />
    public override string ToString() => First == Last ? First.ToString(Form, CultureInfo.InvariantCulture)
        : $"{First.ToString(Form, CultureInfo.InvariantCulture)}..{Last.ToString(Form, CultureInfo.InvariantCulture)}";

    /// <summary>Whether a day is one of them.</summary>
    public bool Holds(DateOnly day) => day >= First && day <= Last;
}
