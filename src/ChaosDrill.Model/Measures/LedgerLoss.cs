using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Measures;

/// <summary>What a ledger says of one repetition: what was acknowledged and is missing. Pure arithmetic.</summary>
/// <remarks>
/// Lost is what was acknowledged and is not there as it was written; what was refused or never answered is neither lost nor
/// kept. The time lost reaches from the last entry that was kept before the first that is missing (the recovery point) to the
/// last that is missing, whatever lies between them: what survived behind a hole does not make the hole smaller.
/// </remarks>
public sealed record LedgerLoss
{
    /// <summary>Entries that were acknowledged.</summary>
    public required int Acknowledged { get; init; }

    /// <summary>Entries that were refused or could not be sent.</summary>
    public required int Refused { get; init; }

    /// <summary>Entries whose fate was not known.</summary>
    public required int Unanswered { get; init; }

    /// <summary>Numbers of acknowledged entries that are missing; empty also when it is not known, see <see cref="Entries"/>.</summary>
    public required IReadOnlyList<NumberRange> Missing { get; init; }

    /// <summary>How many acknowledged entries are missing.</summary>
    public required MeasuredValue Entries { get; init; }

    /// <summary>Time whose changes are lost, in seconds.</summary>
    public required MeasuredValue Time { get; init; }

    /// <summary>The longest time in which nothing was acknowledged, beyond the interval, in seconds; unbounded when nothing was any more.</summary>
    public required MeasuredValue WriteOutage { get; init; }

    /// <summary>Counts what is lost.</summary>
    /// <param name="iteration">Which repetition, from 1.</param>
    /// <param name="every">The ledger's interval.</param>
    /// <param name="entries">Every entry, each number once, in any order.</param>
    /// <param name="read">What was read back; null when nobody tried.</param>
    /// <param name="fault">When the first fault was requested; null when there was none.</param>
    /// <param name="effects">When faults were seen to take effect: from then on nothing more was taken that could be lost.</param>
    public static LedgerLoss Of(
        int iteration, TimeSpan every, IEnumerable<LedgerEntry> entries, LedgerRead? read, TimeSpan? fault = null, IReadOnlyList<TimeSpan>? effects = null)
    {
        IReadOnlyList<LedgerEntry> all = [.. entries.OrderBy(e => e.Number)];
        IReadOnlyList<LedgerEntry> acknowledged = [.. all.Where(e => e.Outcome == EntryOutcome.Acknowledged)];
        var doubt = acknowledged.Count == 0 ? "no entry of the ledger was ever acknowledged"
            : fault is { } at && acknowledged.All(e => e.AnsweredAt > at) ? "no entry of the ledger was acknowledged before the fault"
            : read is null ? "the ledger was not read back"
            : read.Present is null ? $"the ledger could not be read back: {read.Why}"
            : null;
        IReadOnlyList<LedgerEntry> missing = doubt is null ? [.. acknowledged.Where(e => !IsIn(read!.Present!, e.Number))] : [];
        var ranges = NumberRange.Of(missing.Select(e => e.Number));
        var remark = missing.Count == 0 ? null : $"missing of {acknowledged.Count} acknowledged: {string.Join(", ", ranges.Take(MostNamed))}{(ranges.Count > MostNamed ? $" and {ranges.Count - MostNamed} more stretches" : "")}";
        return new LedgerLoss
        {
            Acknowledged = acknowledged.Count,
            Refused = all.Count(e => e.Outcome == EntryOutcome.Refused),
            Unanswered = all.Count(e => e.Outcome == EntryOutcome.Unanswered),
            Missing = ranges,
            Entries = doubt is not null ? MeasuredValue.Unknown(iteration, doubt) : new MeasuredValue(iteration, missing.Count, missing.Count, missing.Count, remark),
            Time = doubt is not null ? MeasuredValue.Unknown(iteration, doubt) : TimeOf(iteration, every, all, acknowledged, missing, effects ?? [], remark),
            WriteOutage = acknowledged.Count == 0 ? MeasuredValue.Unknown(iteration, doubt!) : OutageOf(iteration, every, all, acknowledged),
        };
    }

    /// <summary>More stretches than these are not written out.</summary>
    private const int MostNamed = 5;

    private static MeasuredValue TimeOf(
        int iteration, TimeSpan every, IReadOnlyList<LedgerEntry> all, IReadOnlyList<LedgerEntry> acknowledged, IReadOnlyList<LedgerEntry> missing,
        IReadOnlyList<TimeSpan> effects, string? remark)
    {
        if (missing.Count == 0)
        {
            // What others wrote after an entry and before the next one was tried may be lost without a trace here.
            var widest = all.Select((e, i) => e.Outcome == EntryOutcome.Acknowledged ? Until(e, i + 1 < all.Count ? all[i + 1] : null, every, effects) - e.SentAt : TimeSpan.Zero).Max();
            return new MeasuredValue(iteration, 0, 0, widest.TotalSeconds, null);
        }

        var (first, last) = (missing[0], missing[^1]);
        var kept = acknowledged.LastOrDefault(e => e.Number < first.Number);
        var low = Math.Max(0, (last.SentAt - first.AnsweredAt).TotalSeconds);
        if (kept is null)
        {
            var least = Math.Max(low, (last.AnsweredAt - first.AnsweredAt).TotalSeconds);
            return new MeasuredValue(iteration, least, low, null, $"{remark}; nothing from before them was kept, so that the recovery point lies before the ledger's beginning");
        }

        // An entry came to be somewhere between its sending and its answer, and other changes may have been taken until the next was tried.
        var high = Math.Max(low, (Until(last, all.FirstOrDefault(e => e.Number > last.Number), every, effects) - kept.SentAt).TotalSeconds);
        return new MeasuredValue(iteration, Math.Clamp((last.AnsweredAt - kept.AnsweredAt).TotalSeconds, low, high), low, high, remark);
    }

    /// <summary>
    /// Until when other changes may have been taken after an entry without the ledger's knowing better: the next entry came to
    /// its end, whatever end it was, or a fault took effect.
    /// </summary>
    private static TimeSpan Until(LedgerEntry entry, LedgerEntry? next, TimeSpan every, IReadOnlyList<TimeSpan> effects)
    {
        var until = next?.AnsweredAt ?? entry.AnsweredAt + every;
        foreach (var effect in effects)
        {
            until = effect >= entry.AnsweredAt && effect < until ? effect : until;
        }

        return until > entry.AnsweredAt ? until : entry.AnsweredAt;
    }

    private static MeasuredValue OutageOf(int iteration, TimeSpan every, IReadOnlyList<LedgerEntry> all, IReadOnlyList<LedgerEntry> acknowledged)
    {
        TimeSpan[] instants = [.. acknowledged.Select(e => e.AnsweredAt).Order()];
        var longest = instants.Zip(instants.Skip(1), (a, b) => b - a).DefaultIfEmpty(TimeSpan.Zero).Max();
        var tail = all.Max(e => e.AnsweredAt) - instants[^1];
        var (gap, isOver) = tail > longest + every ? (tail, false) : (longest, true);
        var (value, low) = (Math.Max(0, (gap - every).TotalSeconds), Math.Max(0, (gap - (2 * every)).TotalSeconds));
        return isOver
            ? new MeasuredValue(iteration, value, low, gap.TotalSeconds, null)
            : new MeasuredValue(iteration, value, low, null, "nothing was acknowledged any more until the ledger's end");
    }

    private static bool IsIn(IReadOnlyList<NumberRange> ranges, long number)
    {
        var (low, high) = (0, ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (number < ranges[middle].From)
            {
                high = middle - 1;
            }
            else if (number > ranges[middle].To)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
