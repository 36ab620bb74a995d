using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Prometheus;

/// <summary>Looks at the alerts, and records each that is in another state than at the last look.</summary>
internal sealed class AlertQuestion(PrometheusApi prometheus, ITimelineWriter timeline) : IProbe
{
    private const string Name = "alertname";

    /// <summary>More alerts than this are not followed: a storm of them would drown the drill.</summary>
    private const int MostFollowed = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AlertSeen> _active = [];
    private long _asked;
    private long _answered;
    private int _followed;

    public string Summary => "the alerts of " + prometheus.Name;

    /// <summary>None: the rights to reach Prometheus are those of the monitoring.</summary>
    public IReadOnlyList<AccessNeed> Needs => [];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        var turn = Interlocked.Increment(ref _asked);
        try
        {
            Compare(await prometheus.AlertsAsync(cancellationToken), turn);
            return new ProbeReply(SampleOutcome.Success, null);
        }
        catch (PrometheusException e)
        {
            return new ProbeReply(SampleOutcome.Unknown, $"{prometheus.Name}: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            return new ProbeReply(SampleOutcome.Unknown, $"{prometheus.Name} gave no answer in time");
        }
    }

    private void Compare(IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, bool Firing)> alerts, long turn)
    {
        lock (_lock)
        {
            // An answer that a later question has overtaken is old news.
            if (turn < _answered)
            {
                return;
            }

            _answered = turn;
            var now = new Dictionary<string, AlertSeen>();
            foreach (var (labels, firing) in alerts)
            {
                var alert = new AlertSeen(labels.GetValueOrDefault(Name, ""), labels.Where(l => l.Key != Name).ToDictionary(), firing ? AlertState.Firing : AlertState.Pending);
                now[alert.Identity] = alert;
            }

            foreach (var (id, gone) in _active.Where(a => !now.ContainsKey(a.Key)).ToList())
            {
                _active.Remove(id);
                timeline.Record(gone with { State = AlertState.Inactive });
            }

            foreach (var (id, seen) in now.Where(n => _active.GetValueOrDefault(n.Key)?.State != n.Value.State))
            {
                if (_active.ContainsKey(id) || ++_followed <= MostFollowed)
                {
                    _active[id] = seen;
                    timeline.Record(seen);
                }
                else if (_followed == MostFollowed + 1)
                {
                    timeline.Record(new Note($"more than {MostFollowed} alerts; further ones are not followed"));
                }
            }
        }
    }
}
