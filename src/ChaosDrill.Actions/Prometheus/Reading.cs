using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Prometheus;

/// <summary>What an answer says by the scenario's rule for several series.</summary>
/// <param name="Value">The number that counts; null when none is known.</param>
/// <param name="Words">What was seen, or why nothing is known.</param>
internal sealed record Reading(double? Value, string Words)
{
    private const int Named = 3;

    /// <summary>
    /// Reads an answer. No data is not 0, and NaN and infinity are no numbers: nothing is known then, unless what is known
    /// decides it already.
    /// </summary>
    public static Reading Of(IReadOnlyList<Sample> samples, SeriesRule rule, Comparison comparison)
    {
        if (samples.Count == 0)
        {
            return new Reading(
                null, "the query gives no data: there are no such series, they are stale, or a comparison in the query leaves them out; put the comparison into \"is\", or write \"or vector(0)\" where no data means 0");
        }

        if (rule == SeriesRule.One && samples.Count > 1)
        {
            return new Reading(
                null, $"the query gives {Several(samples)}, and nothing says how to judge several; write series: all, any or sum, or aggregate them in the query");
        }

        var unknown = samples.FirstOrDefault(s => !double.IsFinite(s.Value));
        var known = samples.Where(s => double.IsFinite(s.Value)).ToList();
        if (rule == SeriesRule.Sum)
        {
            var sum = samples.Sum(s => s.Value);
            return double.IsFinite(sum) ? Seen(sum, $" as the sum of {Several(samples)}") : NoNumber(unknown ?? new Sample("", sum));
        }

        if (known.Count == 0)
        {
            return NoNumber(unknown!);
        }

        // For "any", what is nearest to good counts: that is the worst by the opposite.
        var wanted = rule == SeriesRule.Any ? known.OrderByDescending(s => comparison.Holds(s.Value)).First() : known.First(s => s.Value == comparison.Worst(known.Select(k => k.Value)));
        var decided = comparison.Holds(wanted.Value) == (rule == SeriesRule.Any);
        return unknown is not null && !decided
            ? NoNumber(unknown)
            : Seen(wanted.Value, samples.Count > 1 ? $" of {wanted.Series}, one of {samples.Count} series" : wanted.Series is "" or "{}" ? "" : " of " + wanted.Series);
    }

    private static Reading Seen(double value, string of) => new(value, Figures.Value(MeasureUnit.Number, value) + of);

    private static Reading NoNumber(Sample sample) => new(
        null, $"the query gives {(double.IsNaN(sample.Value) ? "NaN" : "infinity")}{(sample.Series is "" or "{}" ? "" : " for " + sample.Series)}, which is no number: most often something divided by 0");

    private static string Several(IReadOnlyList<Sample> samples) =>
        samples.Count == 1 ? "1 series" : $"{samples.Count} series ({string.Join(", ", samples.Take(Named).Select(s => s.Series))}{(samples.Count > Named ? ", ..." : "")})";
}
