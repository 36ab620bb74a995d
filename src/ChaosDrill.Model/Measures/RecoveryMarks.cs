using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Measures;

/// <summary>The marks on the way from a fault to its recovery.</summary>
internal static class RecoveryMarks
{
    private const string FirstFailedProbe = "first failed probe";
    private const string Stable = "stable";
    private const string Requested = "requested";

    public static IReadOnlyList<RecoveryMark> Of(
        IReadOnlyList<TimelineEntry> timeline,
        IReadOnlyList<(FaultRequested Request, TimeSpan At)> faults, WorkloadReference of,
        TimeSpan? effect, TimeSpan? recovered, TimeSpan stableFor, TimeSpan until)
    {
        var requested = faults.Min(f => f.At);
        var marks = new List<RecoveryMark> { new(Requested, requested, faults[0].Request.Target.ToString()) };
        if (effect is not { } start)
        {
            return marks;
        }

        marks.Add(new RecoveryMark("took effect", start, null));
        var samples = timeline
            .Where(e => e.Event is ProbeSampled sample && e.At <= until && (!of.IsProbe || sample.Probe == of.Name))
            .OrderBy(e => e.At)
            .ToList();
        if (FirstFailure(samples, requested) is { Event: ProbeSampled sample } failed)
        {
            marks.Add(new RecoveryMark(FirstFailedProbe, failed.At, sample.Probe));
        }

        if (CriticalPod(timeline, of, requested, recovered ?? until) is { } critical)
        {
            foreach (var (milestone, name) in PodMarks)
            {
                var reached = timeline.FirstOrDefault(e =>
                    e.Event is PodObserved p && p.Workload == of && p.Uid == critical && p.Milestone == milestone && e.At <= until
                    && (milestone != PodMilestone.Ready || recovered is null || e.At <= recovered));
                if (reached is { Event: PodObserved pod })
                {
                    marks.Add(new RecoveryMark(name, reached.At, pod.Pod));
                }
            }
        }

        if (ServingAgain([.. samples.Where(e => e.At >= start)]) is { Event: ProbeSampled good } serving)
        {
            marks.Add(new RecoveryMark("serving", serving.At, good.Probe));
        }

        if (recovered is { } restored)
        {
            marks.Add(new RecoveryMark("recovered", restored, null));
            marks.Add(new RecoveryMark(Stable, restored + stableFor, null));
        }

        return [.. marks.OrderBy(m => m.At)];
    }

    private static readonly (PodMilestone Milestone, string Name)[] PodMarks =
    [
        (PodMilestone.Created, "replacement created"), (PodMilestone.Scheduled, "scheduled"),
        (PodMilestone.Started, "started"), (PodMilestone.Ready, "ready"), (PodMilestone.InEndpoints, "in endpoints"),
    ];

    /// <summary>The longest way between two neighbouring marks from the effect to the recovery; waiting for stability is no phase of the cluster's.</summary>
    public static string? Costliest(IReadOnlyList<RecoveryMark> marks)
    {
        var path = marks.Where(m => m.Name is not (Requested or FirstFailedProbe or Stable)).ToList();
        return path.Count < 2
            ? null
            : path.Zip(path.Skip(1), (a, b) => (Name: $"{a.Name} → {b.Name}", Length: b.At - a.At)).MaxBy(p => p.Length).Name;
    }

    /// <summary>The replacement that became ready last, which the recovery waited for; without one, the last that was created.</summary>
    private static string? CriticalPod(IReadOnlyList<TimelineEntry> timeline, WorkloadReference of, TimeSpan from, TimeSpan to)
    {
        var pods = timeline.Where(e => e.Event is PodObserved p && p.Workload == of && e.At >= from && e.At <= to).ToList();
        var created = pods.Where(e => e.Event is PodObserved { Milestone: PodMilestone.Created }).ToList();
        var replacements = created.Select(e => ((PodObserved)e.Event).Uid).ToHashSet();
        var ready = pods.LastOrDefault(e => e.Event is PodObserved { Milestone: PodMilestone.Ready } p && replacements.Contains(p.Uid));
        return ((ready ?? created.LastOrDefault())?.Event as PodObserved)?.Uid;
    }

    /// <summary>
    /// The first failure of what was asked since the fault was requested: it may harm before its effect is proved, as a namespace
    /// serves no more while it is being deleted. A probe that had failed until then says nothing by failing on.
    /// </summary>
    private static TimelineEntry? FirstFailure(IReadOnlyList<TimelineEntry> samples, TimeSpan requested) => samples
        .GroupBy(e => ((ProbeSampled)e.Event).Probe)
        .Where(probe => !(probe.LastOrDefault(e => e.At < requested && e.Event is ProbeSampled { Outcome: not SampleOutcome.Unknown }) is { } before && Failed(before)))
        .Select(probe => probe.FirstOrDefault(e => Failed(e) && ((ProbeSampled)e.Event).SentAt >= requested))
        .OfType<TimelineEntry>().MinBy(e => e.At);

    private static bool Failed(TimelineEntry entry) => entry.Event is ProbeSampled { Outcome: SampleOutcome.Failure };

    /// <summary>The moment from which on every probe that had failed succeeded; null when none failed, or one still does.</summary>
    private static TimelineEntry? ServingAgain(IReadOnlyList<TimelineEntry> samples)
    {
        var back = samples
            .GroupBy(e => ((ProbeSampled)e.Event).Probe)
            .Select(probe => probe.ToList())
            .Where(probe => probe.Exists(Failed))
            .Select(probe => probe.Skip(probe.FindLastIndex(Failed)).FirstOrDefault(e => e.Event is ProbeSampled { Outcome: SampleOutcome.Success }))
            .ToList();
        return back.Contains(null) ? null : back.MaxBy(e => e!.At);
    }
}
