namespace ChaosDrill.Model.Scenarios;

/// <summary>A service level objective that another tool's file defines, reduced to what a drill needs of it.</summary>
/// <param name="Name">Its name in its file.</param>
/// <param name="Form">Whose form the file has: <c>OpenSLO</c>, <c>Sloth</c> or <c>Pyrra</c>.</param>
/// <param name="Target">The share of good events that it promises, above 0 and below 1.</param>
/// <param name="Window">The time in which it promises them.</param>
/// <param name="ErrorRatio">The share of bad events as an expression of PromQL, with <see cref="WindowMark"/> where the time belongs that is looked at.</param>
public sealed record ServiceLevel(string Name, string Form, double Target, TimeSpan Window, string ErrorRatio)
{
    /// <summary>Stands in <see cref="ErrorRatio"/> for the time that is looked at, as in Sloth's files.</summary>
    public const string WindowMark = "{{.window}}";

    /// <summary>The query for the last <paramref name="seconds"/>.</summary>
    public string QueryFor(double seconds) =>
        ErrorRatio.Replace(WindowMark, $"{(long)Math.Ceiling(seconds * 1000)}ms", StringComparison.Ordinal);

    /// <summary>
    /// How fast the error budget is spent, 1 being as fast as the target allows: error ratio / (1 - target).
    /// Source: Google SRE workbook, "Alerting on SLOs".
    /// </summary>
    public double BurnRate(double errorRatio) => errorRatio / (1 - Target);

    /// <summary>
    /// The share of the window's error budget that is spent when the error ratio lasts for a while: burn rate x time / window. It takes the
    /// events of that while for as many as there are on average.
    /// </summary>
    public double BudgetSpent(double errorRatio, double seconds) => BurnRate(errorRatio) * seconds / Window.TotalSeconds;
}
