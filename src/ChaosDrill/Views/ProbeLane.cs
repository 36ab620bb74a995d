using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Views;

/// <summary>The last samples of one probe, for a sparkline.</summary>
internal sealed class ProbeLane
{
    /// <summary>How many samples are kept; wider than any sparkline that is drawn.</summary>
    private const int Kept = 200;

    private const string Bars = "▁▂▃▄▅▆▇█";

    private readonly Queue<(SampleOutcome Outcome, TimeSpan Latency)> _samples = new();

    /// <summary>What the last sample said; null before the first.</summary>
    public ProbeSampled? Last { get; private set; }

    /// <summary>How long the last answer took.</summary>
    public TimeSpan LastLatency { get; private set; }

    /// <summary>Samples that succeeded.</summary>
    public int Succeeded { get; private set; }

    /// <summary>Samples that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>Samples that could not be asked, and slots that were missed.</summary>
    public int Unknown { get; private set; }

    /// <summary>Takes a sample.</summary>
    public void Add(ProbeSampled sample, TimeSpan answeredAt)
    {
        (Last, LastLatency) = (sample, answeredAt - sample.SentAt);
        switch (sample.Outcome)
        {
            case SampleOutcome.Success:
                Succeeded++;
                break;
            case SampleOutcome.Failure:
                Failed++;
                break;
            default:
                Unknown++;
                break;
        }

        Keep(sample.Outcome, LastLatency);
    }

    /// <summary>Takes a slot that was not served.</summary>
    public void Miss()
    {
        Unknown++;
        Keep(SampleOutcome.Unknown, TimeSpan.Zero);
    }

    /// <summary>Draws the last samples: a bar as high as the answer took, <c>×</c> for a failure, <c>·</c> for an unknown.</summary>
    public void Draw(StyledLine line, int width)
    {
        var shown = _samples.TakeLast(width).ToList();
        var longest = shown.Where(s => s.Outcome == SampleOutcome.Success).Select(s => s.Latency).DefaultIfEmpty(TimeSpan.Zero).Max();
        foreach (var (outcome, latency) in shown)
        {
            switch (outcome)
            {
                case SampleOutcome.Success:
                    line.Add(Bars[Height(latency, longest)].ToString(), Tone.Good);
                    break;
                case SampleOutcome.Failure:
                    line.Add("×", Tone.Bad);
                    break;
                default:
                    line.Add("·", Tone.Warning);
                    break;
            }
        }
    }

    // Logarithmic: one slow answer must not flatten all the others.
    private static int Height(TimeSpan latency, TimeSpan longest)
    {
        var floor = TimeSpan.FromMilliseconds(0.5);
        if (latency <= floor || longest <= floor)
        {
            return 0;
        }

        var share = Math.Log(latency / floor) / Math.Max(Math.Log(longest / floor), Math.Log(16));
        return Math.Clamp((int)(share * Bars.Length), 0, Bars.Length - 1);
    }

    private void Keep(SampleOutcome outcome, TimeSpan latency)
    {
        _samples.Enqueue((outcome, latency));
        if (_samples.Count > Kept)
        {
            _samples.Dequeue();
        }
    }
}
