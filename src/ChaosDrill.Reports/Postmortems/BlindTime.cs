using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>A time when nothing could be observed.</summary>
/// <param name="What">What was cut.</param>
/// <param name="From">Last instant at which something was heard.</param>
/// <param name="To">When it was heard again, or the end of the record.</param>
/// <param name="Effect">What that means for the numbers.</param>
/// <param name="Reason">Why.</param>
internal sealed record BlindTime(string What, TimeSpan From, TimeSpan To, string Effect, string Reason)
{
    public static IReadOnlyList<BlindTime> Of(IReadOnlyList<TimelineEntry> timeline, TimeSpan end)
    {
        List<BlindTime> times = [];
        Dictionary<string, ObservationInterrupted> open = [];
        foreach (var entry in timeline)
        {
            switch (entry.Event)
            {
                case ObservationInterrupted cut:
                    open.TryAdd(cut.What, cut);
                    break;
                case ObservationGap gap:
                    open.Remove(gap.What);
                    times.Add(new BlindTime(gap.What, gap.From, gap.To, gap.Lost ? "changes may be missing" : "changes came late", gap.Reason));
                    break;
            }
        }

        times.AddRange(open.Values.Select(cut => new BlindTime(cut.What, cut.From, end, "it was never heard again", cut.Reason)));
        return [.. times.OrderBy(t => t.From)];
    }
}
