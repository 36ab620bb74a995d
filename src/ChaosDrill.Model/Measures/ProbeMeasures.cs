namespace ChaosDrill.Model.Measures;

/// <summary>What is derived from a probe's samples. Every missing sample widens the bounds; none is taken for a success.</summary>
internal static class ProbeMeasures
{
    /// <summary>
    /// Request-based availability: good / answered samples. The bounds take all missing slots for bad, and for good.
    /// Definition: OpenSLO's Occurrences.
    /// </summary>
    public static MeasuredValue Availability(ProbeSeries series)
    {
        if (series.NoData is { } why)
        {
            return MeasuredValue.Unknown(0, why);
        }

        var good = series.Answers.Count(a => a.Good);
        var slots = (double)series.Slots;
        return new MeasuredValue(
            0, good / (double)series.Answers.Count, good / slots, (good + series.Missing) / slots, Missing(series));
    }

    /// <summary>
    /// The longest unbroken run of failures, in seconds, from asking the first failed sample to asking the next good one.
    /// At least from the answer of the first failure to asking the last; at most from asking the last good sample before
    /// it to the answer of the first good one after it. Two good samples in a row may hide an outage as long as they are apart.
    /// </summary>
    public static MeasuredValue LongestOutage(ProbeSeries series)
    {
        if (series.NoData is { } why)
        {
            return MeasuredValue.Unknown(0, why);
        }

        var (value, low, high) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var answers = series.Answers;
        ProbeAnswer? lastGood = null;
        ProbeAnswer? firstBad = null;
        ProbeAnswer? lastBad = null;
        foreach (var answer in answers)
        {
            if (!answer.Good)
            {
                firstBad ??= answer;
                lastBad = answer;
                continue;
            }

            // Samples may overlap: the one asked later can be answered earlier.
            high = Max(high, answer.AnsweredAt - (lastGood?.SentAt ?? answers[0].SentAt));
            if (firstBad is { } begin && lastBad is { } end)
            {
                value = Max(value, answer.SentAt - begin.SentAt);
                low = Max(low, end.SentAt - begin.AnsweredAt);
            }

            (lastGood, firstBad, lastBad) = (answer, null, null);
        }

        if (firstBad is { } open && lastBad is { } still)
        {
            value = Max(value, series.End - open.SentAt);
            low = Max(low, still.SentAt - open.AnsweredAt);
            return new MeasuredValue(0, value.TotalSeconds, low.TotalSeconds, null, "still failing when the observation ended");
        }

        return new MeasuredValue(0, value.TotalSeconds, low.TotalSeconds, high.TotalSeconds, Missing(series));
    }

    /// <summary>
    /// A percentile of the answer times in seconds, nearest rank. A failed sample ranks above every answer, so the
    /// percentile of a probe that mostly fails is unbounded instead of flattering.
    /// </summary>
    public static MeasuredValue Latency(ProbeSeries series, double percentile)
    {
        if (series.NoData is { } why)
        {
            return MeasuredValue.Unknown(0, why);
        }

        double[] times =
        [
            .. series.Answers.Select(a => a.Good ? (a.AnsweredAt - a.SentAt).TotalSeconds : double.PositiveInfinity).Order(),
        ];
        var value = At(times, 0, 0);
        var low = At(times, series.Missing, 0);
        var high = At(times, 0, series.Missing);
        return double.IsPositiveInfinity(value)
            ? new MeasuredValue(
                0, series.Timetable.Timeout.TotalSeconds, double.IsPositiveInfinity(low) ? series.Timetable.Timeout.TotalSeconds : low, null,
                "the percentile falls on failed samples")
            : new MeasuredValue(0, value, low, double.IsPositiveInfinity(high) ? null : high, Missing(series));

        // Missing samples are taken for faster, or slower, than all others.
        double At(double[] sorted, int faster, int slower)
        {
            var rank = Spread.NearestRank(sorted.Length + faster + slower, percentile) - faster;
            return rank < 0 ? 0 : rank >= sorted.Length ? double.PositiveInfinity : sorted[rank];
        }
    }

    private static string? Missing(ProbeSeries series) =>
        series.Missing == 0 ? null : $"{series.Missing} of {series.Slots} samples are missing";

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
