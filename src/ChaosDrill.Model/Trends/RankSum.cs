namespace ChaosDrill.Model.Trends;

/// <summary>
/// The one-sided rank-sum test of Wilcoxon (1945) and Mann and Whitney (1947): do recent values tend to be larger than earlier ones?
/// It compares ranks only, so it asks nothing of the shape of the distribution, and a recovery that never came may rank as infinite.
/// </summary>
/// <remarks>
/// Exact, also with ties, up to 100 values: the sum of the recent values' midranks is held against its distribution over all
/// choices of as many values (counted by the shift algorithm of Streitberg and Röhmel, 1986). Beyond that the normal
/// approximation with corrections for ties and continuity.
/// </remarks>
public static class RankSum
{
    private const int MostExact = 100;

    /// <summary>The chance of ranks at least this high if recent and earlier values came from one distribution; 1 when either is empty.</summary>
    public static double ChanceOfLarger(IReadOnlyList<double> earlier, IReadOnlyList<double> recent)
    {
        if (earlier.Count == 0 || recent.Count == 0)
        {
            return 1;
        }

        var ranks = DoubledMidranks([.. earlier, .. recent]);
        var sum = ranks.Skip(earlier.Count).Sum();
        return ranks.Length <= MostExact ? Exact(ranks, recent.Count, sum) : Approximate(ranks, recent.Count, sum);
    }

    /// <summary>The smallest chance that so many values can give at all: one in the number of ways to choose the recent ones.</summary>
    public static double SmallestChance(int earlier, int recent)
    {
        var ways = 1.0;
        for (var i = 1; i <= recent; i++)
        {
            ways *= (double)(earlier + i) / i;
        }

        return 1 / ways;
    }

    /// <summary>The shift from earlier to recent values: the median of all their differences (Hodges and Lehmann, 1963).</summary>
    public static double Shift(IReadOnlyList<double> earlier, IReadOnlyList<double> recent)
    {
        double[] differences = [.. recent.SelectMany(r => earlier.Select(e => r.Equals(e) ? 0 : r - e)).Order()];
        var middle = differences.Length / 2;
        return differences.Length % 2 == 1 || differences[middle].Equals(differences[middle - 1])
            ? differences[middle] : (differences[middle - 1] + differences[middle]) / 2;
    }

    // Doubled, so that the mean of two neighbouring ranks is whole.
    private static int[] DoubledMidranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        var ranks = new int[values.Length];
        for (var from = 0; from < order.Length;)
        {
            var to = from;
            while (to + 1 < order.Length && values[order[to + 1]].Equals(values[order[from]]))
            {
                to++;
            }

            for (var i = from; i <= to; i++)
            {
                ranks[order[i]] = from + to + 2;
            }

            from = to + 1;
        }

        return ranks;
    }

    private static double Exact(int[] ranks, int chosen, int sum)
    {
        // ways[k][s]: in how many ways k of the ranks seen so far add up to s.
        var total = ranks.Sum();
        var ways = new double[chosen + 1][];
        for (var k = 0; k <= chosen; k++)
        {
            ways[k] = new double[total + 1];
        }

        ways[0][0] = 1;
        foreach (var rank in ranks)
        {
            for (var k = chosen; k >= 1; k--)
            {
                for (var s = total; s >= rank; s--)
                {
                    ways[k][s] += ways[k - 1][s - rank];
                }
            }
        }

        return ways[chosen].Skip(sum).Sum() / ways[chosen].Sum();
    }

    private static double Approximate(int[] ranks, int chosen, int sum)
    {
        double n = ranks.Length;
        var ties = ranks.GroupBy(r => r).Sum(g => Math.Pow(g.Count(), 3) - g.Count());
        var mean = chosen * (n + 1) / 2;
        var variance = chosen * (n - chosen) / 12 * (n + 1 - (ties / (n * (n - 1))));
        return variance <= 0 ? 1 : UpperTail(((sum / 2.0) - mean - 0.5) / Math.Sqrt(variance));
    }

    // Abramowitz and Stegun 26.2.17, to 7.5e-8.
    private static double UpperTail(double z)
    {
        var t = 1 / (1 + (0.2316419 * Math.Abs(z)));
        var tail = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI)
            * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return z < 0 ? 1 - tail : tail;
    }
}
