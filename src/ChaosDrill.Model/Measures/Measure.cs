namespace ChaosDrill.Model.Measures;

/// <summary>Unit of a measure.</summary>
public enum MeasureUnit
{
    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>A share between 0 and 1.</summary>
    Share,

    /// <summary>A number of things.</summary>
    Count,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Bytes in a second.</summary>
    BytesPerSecond,

    /// <summary>A number whose unit only a query knows.</summary>
    Number,
}

/// <summary>A number derived from a timeline, with its uncertainty: one value for each repetition, or one for the whole drill.</summary>
/// <param name="Unit">Unit of every value.</param>
/// <param name="Values">In order of the repetitions; empty when there is no data.</param>
public sealed record Measure(MeasureUnit Unit, IReadOnlyList<MeasuredValue> Values)
{
    /// <summary>Spread over the repetitions; null for a single value, and when a value is missing or unbounded.</summary>
    public Spread? Spread => Values.Count > 1 && Values.All(v => v.Value is not null && v.High is not null)
        ? Spread.Of([.. Values.Select(v => v.Value!.Value)])
        : null;
}

/// <summary>A value and the bounds that the truth lies in.</summary>
/// <param name="Iteration">Which repetition, from 1; 0 for the whole drill.</param>
/// <param name="Value">Best estimate; null when nothing is known. With no <paramref name="High"/> it is the least it can be.</param>
/// <param name="Low">The truth is not below this.</param>
/// <param name="High">The truth is not above this; null when it is unbounded or nothing is known.</param>
/// <param name="Remark">What limits the value, or why there is none.</param>
public sealed record MeasuredValue(int Iteration, double? Value, double? Low, double? High, string? Remark)
{
    /// <summary>Which of several things that a step works on at once, such as a namespace; null when there is one.</summary>
    public string? Subject { get; init; }

    /// <summary>A value that could not be had.</summary>
    public static MeasuredValue Unknown(int iteration, string why) => new(iteration, null, null, null, why);
}

/// <summary>Spread of repeated values.</summary>
/// <param name="Count">How many values, n.</param>
/// <param name="Min">Smallest.</param>
/// <param name="Median">Nearest-rank median; the mean of the middle two for an even count.</param>
/// <param name="P95">95th percentile by the nearest-rank rule.</param>
/// <param name="Max">Largest.</param>
public sealed record Spread(int Count, double Min, double Median, double P95, double Max)
{
    /// <summary>Spread of at least one value.</summary>
    public static Spread Of(IReadOnlyList<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted.Length, sorted[0], median, sorted[NearestRank(sorted.Length, 0.95)], sorted[^1]);
    }

    /// <summary>Index of a percentile in a sorted list by the nearest-rank rule: ceil(p n) - 1.</summary>
    /// <param name="count">Length of the list, at least 1.</param>
    /// <param name="percentile">0 to 1.</param>
    public static int NearestRank(int count, double percentile) =>
        Math.Clamp((int)Math.Ceiling((percentile * count) - 1e-9) - 1, 0, count - 1);
}

/// <summary>How a workload came back from one fault.</summary>
public sealed record Recovery
{
    /// <summary>Which repetition, from 1.</summary>
    public required int Iteration { get; init; }

    /// <summary>Position of the fault's step in the scenario, from 0.</summary>
    public required int Step { get; init; }

    /// <summary>What came back.</summary>
    public required Scenarios.WorkloadReference Of { get; init; }

    /// <summary>The recovery time in seconds with its bounds.</summary>
    public required MeasuredValue Time { get; init; }

    /// <summary>Marks on the way, by instant.</summary>
    public required IReadOnlyList<RecoveryMark> Marks { get; init; }

    /// <summary>The phase between two marks that took longest, such as <c>started → ready</c>; null when there are fewer than two.</summary>
    public string? CostliestPhase { get; init; }
}

/// <summary>A mark on the way from a fault to its recovery.</summary>
/// <param name="Name">Such as <c>took effect</c>, <c>scheduled</c>, <c>ready</c>.</param>
/// <param name="At">Instant on the drill's clock.</param>
/// <param name="Detail">Pod or probe that set it.</param>
public sealed record RecoveryMark(string Name, TimeSpan At, string? Detail);
