namespace ChaosDrill.Model.Measures;

/// <summary>One change of a condition: from this instant on it holds, or does not.</summary>
/// <param name="At">When it was observed.</param>
/// <param name="Earliest">The earliest it can have come to be so.</param>
/// <param name="Holds">Whether it holds from here on.</param>
internal readonly record struct ConditionChange(TimeSpan At, TimeSpan Earliest, bool Holds);

/// <summary>The first stretch in which a condition holds without a break for long enough.</summary>
/// <param name="Begin">Where it begins; when it never came, the beginning of the stretch at hand, or null when the condition does not hold.</param>
/// <param name="Confirmed">Whether it was seen to last long enough.</param>
/// <param name="LatestBegin">The latest it can have begun, since a gap may hide a break; null when that is not bounded.</param>
/// <param name="Broken">Whether the condition was seen not to hold at any time from the start on.</param>
internal readonly record struct HoldingStretch(BoundedInstant? Begin, bool Confirmed, TimeSpan? LatestBegin, bool Broken)
{
    /// <summary>
    /// Looks for the first stretch that begins at or after <paramref name="from"/> and lasts <paramref name="stableFor"/>.
    /// A break restarts it. A gap in which changes may have been lost leaves its beginning where it was seen, but
    /// the stretch must last anew after the gap, and may really have begun as late as the gap's end.
    /// </summary>
    /// <param name="changes">Changes in order of instant; the last one at or before <paramref name="from"/> is the state there.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="until">Where the observation ends.</param>
    /// <param name="stableFor">How long the condition must hold.</param>
    /// <param name="gaps">What could not be observed.</param>
    public static HoldingStretch Find(
        IReadOnlyList<ConditionChange> changes, TimeSpan from, TimeSpan until, TimeSpan stableFor, ObservationGaps gaps)
    {
        BoundedInstant? begin = null;
        var broken = false;
        foreach (var change in changes)
        {
            if (change.At > until)
            {
                break;
            }

            if (change.At <= from)
            {
                begin = change.Holds ? BoundedInstant.Exact(from) : null;
                broken = !change.Holds;
                continue;
            }

            if (begin is { } open && Lasts(open, change.At) is { Confirmed: true } found && !change.Holds)
            {
                return found with { Broken = broken };
            }

            if (!change.Holds)
            {
                broken = true;
                begin = null;
            }
            else
            {
                begin ??= new BoundedInstant(change.At, change.Earliest > from ? change.Earliest : from);
            }
        }

        return (begin is { } last ? Lasts(last, until) : new HoldingStretch(null, false, null, broken)) with { Broken = broken };

        HoldingStretch Lasts(BoundedInstant start, TimeSpan end)
        {
            // The loss that matters is the last one that the stretch, prolonged after each loss, still runs into.
            var latest = start.At;
            while (gaps.LastLossWithin(latest, Min(latest + stableFor, end)) is { } loss && loss > latest)
            {
                latest = loss;
            }

            var confirmed = end - latest >= stableFor;
            return new HoldingStretch(start, confirmed, confirmed ? latest : null, false);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
