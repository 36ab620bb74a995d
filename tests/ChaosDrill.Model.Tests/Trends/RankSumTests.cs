using ChaosDrill.Model.Trends;
using Xunit;

namespace ChaosDrill.Model.Tests.Trends;

public sealed class RankSumTests
{
    // Hollander and Wolfe (1973), p. 69, as in the examples of R's wilcox.test: alternative "greater", W = 35, p-value = 0.1272.
    private static readonly double[] AtTerm = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    private static readonly double[] Early = [1.15, 0.88, 0.90, 0.74, 1.21];

    [Fact]
    public void ChanceOfLarger_PublishedExample_IsThatOfTheBook()
    {
        Assert.Equal(0.1272, RankSum.ChanceOfLarger(Early, AtTerm), 4);
        Assert.Equal(0.305, RankSum.Shift(Early, AtTerm), 3);
    }

    [Theory]
    [InlineData(3, 3, 0.05)] // 1 of 20
    [InlineData(4, 2, 1.0 / 15)]
    [InlineData(19, 1, 0.05)] // one drill needs nineteen before it
    [InlineData(30, 3, 1.0 / 5456)]
    public void ChanceOfLarger_RecentAllLargest_IsOneInTheWaysToChooseThem(int earlier, int recent, double chance)
    {
        double[] before = [.. Enumerable.Range(0, earlier).Select(i => (double)i)];
        double[] now = [.. Enumerable.Range(earlier, recent).Select(i => (double)i)];

        Assert.Equal(chance, RankSum.ChanceOfLarger(before, now), 10);
        Assert.Equal(chance, RankSum.SmallestChance(earlier, recent), 10);
    }

    [Fact]
    public void ChanceOfLarger_Same_IsOne()
    {
        Assert.Equal(1, RankSum.ChanceOfLarger([2, 2, 2], [2, 2]));
        Assert.Equal(1, RankSum.ChanceOfLarger([], [2, 2]));
        Assert.Equal(1, RankSum.ChanceOfLarger([2], []));
    }

    [Fact]
    public void ChanceOfLarger_NeverRecovered_RanksAboveEverything() =>
        Assert.Equal(0.05, RankSum.ChanceOfLarger([1, 2, 3], [4, double.PositiveInfinity, double.PositiveInfinity]), 10);

    [Fact]
    public void ChanceOfLarger_AnyValuesWithTies_IsThatOfCountingAllChoices()
    {
        var random = new Random(42);
        for (var round = 0; round < 200; round++)
        {
            double[] values = [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => (double)random.Next(5))];
            var recent = random.Next(1, values.Length);

            Assert.Equal(Counted(values, recent), RankSum.ChanceOfLarger(values[..^recent], values[^recent..]), 10);
        }
    }

    [Fact]
    public void ChanceOfLarger_ManyValues_NearsTheExactChance()
    {
        var random = new Random(1);
        double[] earlier = [.. Enumerable.Range(0, 75).Select(_ => random.NextDouble())];
        double[] recent = [.. Enumerable.Range(0, 25).Select(_ => random.NextDouble() + 0.1)];

        var exact = RankSum.ChanceOfLarger(earlier, recent);
        var approximate = RankSum.ChanceOfLarger([.. earlier, -1], recent); // 101 values

        Assert.InRange(approximate, exact * 0.7, exact * 1.1);
    }

    // By brute force: over all choices of as many values, those whose midranks add up to at least as much.
    private static double Counted(double[] values, int recent)
    {
        double Rank(double v) => values.Count(x => x < v) + ((values.Count(x => x.Equals(v)) + 1) / 2.0);
        var ranks = values.Select(Rank).ToArray();
        var seen = ranks[^recent..].Sum();
        var choices = Enumerable.Range(0, 1 << values.Length).Where(c => int.PopCount(c) == recent).ToList();
        return (double)choices.Count(c => Enumerable.Range(0, values.Length).Where(i => (c >> i & 1) == 1).Sum(i => ranks[i]) >= seen - 1e-9) / choices.Count;
    }
}
