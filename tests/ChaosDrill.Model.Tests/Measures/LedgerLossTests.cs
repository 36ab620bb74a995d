using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ChaosDrill.Model.Tests.Measures;

public sealed class LedgerLossTests
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Loss_EverythingIsThere_IsNothingWithinTheInterval()
    {
        var loss = Of(Entries("aaaaa"), Present(0, 1, 2, 3, 4));

        Assert.Equal((0, 0.0, 0.0), (loss.Entries.Value!.Value, loss.Time.Value!.Value, loss.Time.Low!.Value));
        Assert.InRange(loss.Time.High!.Value, 0.1, 0.12);
    }

    [Fact]
    public void Loss_OfTheLastEntries_ReachesFromTheLastKeptToTheLastMissing()
    {
        var loss = Of(Entries("aaaaaa...aa"), Present(0, 1, 2, 9, 10));

        Assert.Equal(3, loss.Entries.Value);
        Assert.Equal([new NumberRange(3, 5)], loss.Missing);
        Assert.Equal(0.3, loss.Time.Value!.Value, 6);
        Assert.InRange(loss.Time.Low!.Value, 0.19, 0.2);
        Assert.InRange(loss.Time.High!.Value, 0.4, 0.42);
        Assert.Contains("missing of 8 acknowledged: 3 to 5", loss.Time.Remark, StringComparison.Ordinal);
    }

    [Fact]
    public void Loss_WithHoles_CountsEachEntryOnceAndTheTimeAcrossThem()
    {
        var loss = Of(Entries("aaaaaaaaaa"), Present(0, 1, 3, 4, 5, 6, 9));

        Assert.Equal(3, loss.Entries.Value);
        Assert.Equal([new NumberRange(2, 2), new NumberRange(7, 8)], loss.Missing);
        Assert.Equal(0.7, loss.Time.Value!.Value, 6);
    }

    [Fact]
    public void Loss_NothingFromBeforeItWasKept_HasNoUpperBound()
    {
        var loss = Of(Entries("aaaa"), Present(3));

        Assert.Equal(3, loss.Entries.Value);
        Assert.Null(loss.Time.High);
        Assert.NotNull(loss.Time.Value);
    }

    [Theory]
    [InlineData("....????", "no entry of the ledger was ever acknowledged")]
    [InlineData("", "no entry of the ledger was ever acknowledged")]
    public void Loss_NothingAcknowledged_IsNotKnown(string outcomes, string why)
    {
        var loss = Of(Entries(outcomes), Present(0, 1));

        Assert.Equal((null, why), (loss.Entries.Value, loss.Entries.Remark));
        Assert.Equal((null, null, why), (loss.Time.Value, loss.Time.High, loss.Time.Remark));
        Assert.Null(loss.WriteOutage.Value);
    }

    [Fact]
    public void Loss_NotReadBack_IsNotKnown()
    {
        Assert.Equal("the ledger was not read back", Of(Entries("aaa"), null).Entries.Remark);
        Assert.Equal("the ledger could not be read back: no route", Of(Entries("aaa"), new LedgerRead(1, null, "no route")).Time.Remark);
    }

    [Fact]
    public void Loss_NothingAcknowledgedBeforeTheFault_IsNotKnown() =>
        Assert.Null(LedgerLoss.Of(1, Every, Entries("..aaa"), Present(2, 3, 4), fault: S(0.15)).Entries.Value);

    [Fact]
    public void Loss_EffectOfTheFault_BoundsWhatMayBeLostBesides()
    {
        // The next attempt hung for five seconds; what is known is that nothing was taken from the effect on.
        LedgerEntry[] entries = [.. Entries("aaa"), new(3, S(0.3), S(5.3), EntryOutcome.Unanswered)];

        Assert.Equal(5.2, Of(entries, Present(0, 1)).Time.High!.Value, 6);
        Assert.Equal(0.25, LedgerLoss.Of(1, Every, entries, Present(0, 1), fault: S(0.3), effects: [S(0.35)]).Time.High!.Value, 6);
    }

    [Theory]
    [InlineData("aaaaaaaaaa", 0, 0, 0.1)]
    [InlineData("aa.....aaa", 0.5, 0.4, 0.6)]
    [InlineData("aa?????aaa", 0.5, 0.4, 0.6)]
    public void WriteOutage_IsTheLongestTimeBetweenTwoAcknowledgements(string outcomes, double value, double low, double high)
    {
        var outage = Of(Entries(outcomes), Present(0)).WriteOutage;

        Assert.Equal((value, low, high), (Math.Round(outage.Value!.Value, 6), Math.Round(outage.Low!.Value, 6), Math.Round(outage.High!.Value, 6)));
    }

    [Fact]
    public void WriteOutage_ThatNeverEnded_HasNoUpperBound() => Assert.Null(Of(Entries("aaa......"), Present(0, 1, 2)).WriteOutage.High);

    /// <summary>Whatever is kept: what is lost is what was acknowledged and is missing, and the rest plays no part.</summary>
    [Fact]
    public void Loss_AnyOutcomesAndAnyRest_CountsWhatWasAcknowledgedAndIsMissing() => Prop.ForAll(
        Gen.Elements("a.?".ToCharArray()).ArrayOf().Zip(Gen.Choose(0, 40).ArrayOf()).ToArbitrary(), drawn =>
        {
            var (outcomes, present) = (new string(drawn.Item1), drawn.Item2.Select(n => (long)n).ToHashSet());
            var entries = Entries(outcomes);
            var loss = Of(entries, Present([.. present]));
            var acknowledged = entries.Where(e => e.Outcome == EntryOutcome.Acknowledged).Select(e => e.Number).ToHashSet();
            var others = Present([.. present.Where(acknowledged.Contains)]);
            var ofOthers = Of(entries, others);
            return acknowledged.Count == 0
                ? loss.Entries.Value is null && loss.Time.Value is null
                : loss.Entries.Value == acknowledged.Count(n => !present.Contains(n))
                    && loss.Missing.Sum(r => r.To - r.From + 1) == loss.Missing.Sum(r => acknowledged.Count(n => n >= r.From && n <= r.To && !present.Contains(n)))
                    && loss.Entries.Value == loss.Missing.Sum(r => r.To - r.From + 1)
                    && loss.Time.Low <= loss.Time.Value && (loss.Time.High is null || loss.Time.Value <= loss.Time.High)
                    && ofOthers.Entries == loss.Entries && ofOthers.Time == loss.Time;
        }).QuickCheckThrowOnFailure();

    /// <summary>Of a store that forgets what came between a recovery point and a fault, the bounds hold the truth.</summary>
    [Fact]
    public void Loss_OfAStoreThatFellBack_LiesWithinItsBounds() => Prop.ForAll(
        Gen.Choose(1, 90).ArrayOf(40).Zip(Gen.Choose(0, 3900)).Zip(Gen.Choose(0, 3900)).ToArbitrary(), drawn =>
        {
            var (latencies, a, b) = (drawn.Item1.Item1, drawn.Item1.Item2, drawn.Item2);
            var (point, fault) = (S(Math.Min(a, b) / 1000.0), S((Math.Max(a, b) + 1) / 1000.0));
            var entries = new List<LedgerEntry>();
            var present = new List<long>();
            for (var number = 0; number < latencies.Length; number++)
            {
                // It comes to be half-way between its sending and its answer.
                var (sent, latency) = (Every * number, TimeSpan.FromMilliseconds(latencies[number]));
                var (written, answered) = (sent + (latency / 2), sent + latency);
                entries.Add(answered < fault ? new LedgerEntry(number, sent, answered, EntryOutcome.Acknowledged)
                    : sent < fault ? new LedgerEntry(number, sent, sent + S(1), EntryOutcome.Unanswered)
                    : new LedgerEntry(number, sent, answered, EntryOutcome.Refused));
                present.AddRange(written <= point ? [number] : []);
            }

            var time = Of(entries, Present([.. present])).Time;
            var truth = (fault - point).TotalSeconds;
            var lost = Of(entries, Present([.. present])).Entries.Value;
            return lost is null || ((time.High is null || truth <= time.High + 1e-9) && (lost == 0 || time.Low <= truth + 1e-9));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void NumberRange_OfAnyNumbers_HasEachOnceAndNoOther() => Prop.ForAll(Gen.Choose(-5, 30).ArrayOf().ToArbitrary(), drawn =>
    {
        var ranges = NumberRange.Of(drawn.Select(n => (long)n));
        var back = ranges.SelectMany(r => Enumerable.Range((int)r.From, (int)(r.To - r.From + 1)));
        return back.SequenceEqual(drawn.Distinct().Order()) && ranges.Zip(ranges.Skip(1)).All(p => p.First.To + 1 < p.Second.From);
    }).QuickCheckThrowOnFailure();

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static LedgerLoss Of(IEnumerable<LedgerEntry> entries, LedgerRead? read) => LedgerLoss.Of(1, Every, entries, read);

    private static LedgerRead Present(params long[] numbers) => new(1, NumberRange.Of(numbers));

    /// <summary>One entry for each character: a acknowledged after 10 ms, . refused, ? without an answer.</summary>
    private static LedgerEntry[] Entries(string outcomes) =>
    [
        .. outcomes.Select((c, i) => new LedgerEntry(i, Every * i, (Every * i) + TimeSpan.FromMilliseconds(10), c switch
        {
            'a' => EntryOutcome.Acknowledged,
            '.' => EntryOutcome.Refused,
            _ => EntryOutcome.Unanswered,
        })),
    ];
}
