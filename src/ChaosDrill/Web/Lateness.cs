namespace ChaosDrill.Web;

/// <summary>How late schedules fired, as a histogram.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Lateness
{
    private static readonly double[] Bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
    private readonly long[] _counts = new long[Bounds.Length];
    private readonly Lock _lock = new();
    private double _sum;
    private long _count;

    /// <summary>Counts one firing.</summary>
    public void Add(TimeSpan late)
    {
        // A clock that was stepped back makes a firing early, which is not late.
        var seconds = Math.Max(0, late.TotalSeconds);
        lock (_lock)
        {
            _sum += seconds;
            _count++;
            for (var i = 0; i < Bounds.Length; i++)
            {
                _counts[i] += seconds <= Bounds[i] ? 1 : 0;
            }
        }
    }

    /// <summary>Writes the histogram.</summary>
    public void Write(MetricsText text, string name, string help)
    {
        lock (_lock)
        {
            text.Metric(name, "histogram", help);
            for (var i = 0; i < Bounds.Length; i++)
            {
                text.Sample(name + "_bucket", _counts[i], ("le", MetricsText.Number(Bounds[i])));
            }

            text.Sample(name + "_bucket", _count, ("le", "+Inf")).Sample(name + "_sum", _sum).Sample(name + "_count", _count);
        }
    }
}
