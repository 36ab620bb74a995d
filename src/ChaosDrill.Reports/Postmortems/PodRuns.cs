using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Postmortems;

/// <summary>Tells what happened to pods and workloads; many pods that reach the same milestone together are one line.</summary>
internal static class PodRuns
{
    /// <summary>Pods up to this number are named one by one.</summary>
    private const int NamedAlone = 40;

    public static IEnumerable<EventRow> Rows(DrillFacts facts, bool isWhole = false)
    {
        var workloads = facts.Of<WorkloadObserved>().ToList();
        var pods = facts.Of<PodObserved>().ToList();
        return isWhole || workloads.Count <= NamedAlone * 4 ? [.. workloads.Select(w => Workload(w.Entry, w.Event)), .. Pods(pods, isWhole)] : [.. Summaries(workloads), .. Pods(pods, isWhole)];
    }

    private static IEnumerable<EventRow> Pods(List<(TimelineEntry Entry, PodObserved Event)> pods, bool isWhole)
    {
        // A handful of pods deserve a line each; a thousand do not.
        if (isWhole || pods.Count <= NamedAlone * 4)
        {
            return pods.Select(p => Pod(p.Entry, p.Event));
        }

        List<List<(TimelineEntry Entry, PodObserved Event)>> runs = [];
        foreach (var pod in pods)
        {
            if (runs.Count == 0 || runs[^1][0].Event.Milestone != pod.Event.Milestone || runs[^1][0].Event.Workload != pod.Event.Workload)
            {
                runs.Add([]);
            }

            runs[^1].Add(pod);
        }

        return runs.Select(run => run is [var one] ? Pod(one.Entry, one.Event) : Several(run));
    }

    private static EventRow Workload(TimelineEntry entry, WorkloadObserved seen) => new(
        entry, null, seen.Holds ? EventKind.Good : EventKind.Bad,
        seen.Desired is { } desired ? $"{seen.Workload}: {seen.Ready} of {desired} ready" : $"{seen.Workload} does not exist",
        Figures.Count(seen.Pods, "pod") + " counted", IsKey: true);

    private static IEnumerable<EventRow> Summaries(List<(TimelineEntry Entry, WorkloadObserved Event)> seen) => seen
        .GroupBy(w => w.Event.Workload)
        .SelectMany(g => g.Chunk((g.Count() / NamedAlone) + 1))
        .Select(run => new EventRow(
            run[0].Entry, run[^1].Entry, run.All(w => w.Event.Holds) ? EventKind.Good : EventKind.Bad,
            $"{run[0].Event.Workload}: between {run.Min(w => w.Event.Ready)} and {run.Max(w => w.Event.Ready)} ready of {run[^1].Event.Desired}",
            Figures.Count(run.Length, "change"), IsKey: true));

    private static EventRow Pod(TimelineEntry entry, PodObserved seen)
    {
        var where = seen.Node is null ? "" : "node " + Plain.Line(seen.Node);
        var detail = Plain.Line(seen.Detail);
        return new EventRow(
            entry, null, Words.KindOf(seen.Milestone), $"Pod {Plain.Line(seen.Pod)} {Words.Of(seen.Milestone)}",
            where.Length > 0 && detail.Length > 0 ? $"{where}; {detail}" : where + detail, IsKey: false);
    }

    private static EventRow Several(List<(TimelineEntry Entry, PodObserved Event)> run)
    {
        var first = run[0].Event;
        var names = string.Join(", ", run.Take(3).Select(p => Plain.Line(p.Event.Pod)));
        return new EventRow(
            run[0].Entry, run[^1].Entry, Words.KindOf(first.Milestone), $"{Figures.Count(run.Count)} pods of {first.Workload} {Words.Of(first.Milestone)}",
            run.Count > 3 ? $"{names} and {Figures.Count(run.Count - 3)} more" : names, IsKey: false);
    }
}
