using System.Globalization;
using System.Text.RegularExpressions;

namespace ChaosDrill.Engine.Scenarios.Slos;

/// <summary>What files of service level objectives have in common: their windows, and selectors of series.</summary>
internal static partial class SloWindow
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>A window such as <c>30d</c>, <c>4w</c> or <c>1M</c>; a month has 30 days, a quarter 90, a year 365.</summary>
    /// <returns>Null when there is none that can be read, which is noted.</returns>
    public static TimeSpan? Read(SloNode node)
    {
        var text = node.RequiredText;
        if (text.Length == 0)
        {
            return null;
        }

        if (Form().Match(text) is { Success: true } match && int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is > 0 and var count)
        {
            var window = count * (match.Groups[2].Value switch
            {
                "m" => TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                "d" => TimeSpan.FromDays(1),
                "w" => TimeSpan.FromDays(7),
                "M" => TimeSpan.FromDays(30),
                "Q" => TimeSpan.FromDays(90),
                _ => TimeSpan.FromDays(365),
            });
            if (window <= Longest)
            {
                return window;
            }
        }

        node.Wrong(ScenarioErrorCodes.Slo, $"found {Shown.Quoted(text)}, needs a window of up to a year", "write 30d, 4w, 1M or the like");
        return null;
    }

    /// <summary>Whether a text selects series and does nothing else.</summary>
    public static bool IsSelector(string text) => Selector().IsMatch(text);

    [GeneratedRegex("^([0-9]{1,6})([mhdwMQY])$")]
    private static partial Regex Form();

    [GeneratedRegex("^([a-zA-Z_:][a-zA-Z0-9_:]*)?(\\{[^{}\\[\\]]*\\})?$")]
    private static partial Regex Selector();
}
