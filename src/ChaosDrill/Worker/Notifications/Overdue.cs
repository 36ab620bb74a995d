using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;
using ChaosDrill.Web;

namespace ChaosDrill.Worker.Notifications;

/// <summary>
/// Finds schedules that do not bring what they are to bring: a whole period has passed, from one time by the schedule to the next, and no
/// drill since came to pass or fail. Whether drills are left out, refused, paused or inconclusive each night comes to the same.
/// </summary>
/// <param name="since">From when on a schedule counts that has no such drill yet: the worker's start.</param>
/// <param name="log">Where it is said.</param>
/// <param name="notifier">Who tells others.</param>
internal sealed class Overdue(DateTimeOffset since, WorkerLog log, Notifier notifier)
{
    /// <summary>Between two looks: times by a schedule are minutes apart, and there may be ten thousand schedules.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _overdue = [];
    private IReadOnlyList<string> _scheduled = [];
    private DateTimeOffset? _looked;

    /// <summary>Looks, at most once a minute, and tells of each schedule that is newly overdue.</summary>
    public void Look(IEnumerable<Scenario> scenarios, DrillStore store, DateTimeOffset now)
    {
        if (_looked is { } before && now >= before && now - before < Every)
        {
            return;
        }

        _looked = now;
        var newest = store.Tally().Where(t => t.Outcome is DrillOutcome.Pass or DrillOutcome.Fail).GroupBy(t => t.Scenario).ToDictionary(g => g.Key, g => g.Max(t => t.Newest));
        var paused = store.Firings.Paused();
        List<Scenario> scheduled = [.. scenarios.Where(s => s.Spec.Schedule is not null)];
        lock (_lock)
        {
            _scheduled = [.. scheduled.Select(s => s.Metadata.Name)];
            foreach (var name in _overdue.Keys.Except(_scheduled).ToList())
            {
                _overdue.Remove(name);
            }

            foreach (var scenario in scheduled)
            {
                var name = scenario.Metadata.Name;
                DateTimeOffset? last = newest.TryGetValue(name, out var at) ? at : null;
                if (Missed(scenario.Spec.Schedule!, last ?? since, now) is not { } missed)
                {
                    _overdue.Remove(name);
                }
                else if (!_overdue.ContainsKey(name))
                {
                    var pause = paused.FirstOrDefault(p => p.Scenario == name || p.Scenario == "*");
                    var said = $"The drill of {missed:u} has not come to pass or fail within its period; the last that did began {(last is null ? "before this worker knows" : $"{last:u}")}.{(pause is null ? "" : $" The schedule is paused by {pause.By}.")}";
                    notifier.TellOnce($"overdue {name} since {(last is null ? "ever" : $"{last:u}")}", Notification.Overdue(name, said), store.Firings);
                    log.Warn($"overdue: {said}", ("scenario", name));
                    _overdue[name] = said;
                }
            }
        }
    }

    /// <summary>Writes which schedules are overdue.</summary>
    public void Write(MetricsText text)
    {
        text.Metric("chaosdrill_schedule_overdue", "gauge", "Whether a whole period of a schedule has passed without a drill that came to pass or fail.");
        lock (_lock)
        {
            foreach (var name in _scheduled)
            {
                text.Sample("chaosdrill_schedule_overdue", _overdue.ContainsKey(name) ? 1 : 0, ("scenario", name));
            }
        }
    }

    /// <summary>The time by the schedule whose period is over without a drill that counts; null when there is none.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="last">When the last drill that counts began.</param>
    /// <param name="now">Now.</param>
    internal static DateTimeOffset? Missed(ScheduleSpec schedule, DateTimeOffset last, DateTimeOffset now) =>
        CronTimes.After(schedule, last).Take(2).ToList() is [var due, var next] && next + schedule.Jitter + Timetable.Tolerance < now ? due : null;
}
