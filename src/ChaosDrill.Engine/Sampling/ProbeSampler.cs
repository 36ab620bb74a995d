using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Sampling;

/// <summary>
/// Asks a probe on a fixed timetable, open-loop: a slow answer never delays the next question, and a slot that could not
/// be served is recorded as missed instead of being made up for.
/// </summary>
public sealed class ProbeSampler
{
    private readonly string _name;
    private readonly IProbe _probe;
    private readonly TimeSpan _every;
    private readonly TimeSpan _timeout;
    private readonly ITimelineWriter _timeline;
    private readonly TimeProvider _clock;

    /// <summary>Prepares sampling.</summary>
    /// <param name="name">Name of the probe.</param>
    /// <param name="probe">What asks.</param>
    /// <param name="every">Time from one slot to the next.</param>
    /// <param name="timeout">A question without an answer after this long has failed.</param>
    /// <param name="timeline">Where samples are recorded.</param>
    /// <param name="clock">The drill's clock.</param>
    public ProbeSampler(string name, IProbe probe, TimeSpan every, TimeSpan timeout, ITimelineWriter timeline, TimeProvider clock)
    {
        (_name, _probe, _every, _timeout, _timeline, _clock) = (name, probe, every, timeout, timeline, clock);
    }

    /// <summary>Samples until cancelled, then waits for the questions that are under way, at most one time-out.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => new OpenLoop(_every, _timeline, _clock).RunAsync(
        AskAsync, (slot, scheduledAt, why) => _timeline.Record(new ProbeSlotMissed(_name, slot, scheduledAt, why)), cancellationToken);

    private async Task AskAsync(long slot, TimeSpan scheduledAt)
    {
        var sent = _clock.GetTimestamp();
        ProbeReply reply;
        using (var limit = new CancellationTokenSource(_timeout, _clock))
        {
            try
            {
                reply = await _probe.AskAsync(limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                reply = new ProbeReply(SampleOutcome.Failure, $"no answer within {Model.GoDuration.Format(_timeout)}");
            }
        }

        var answered = _clock.GetTimestamp();
        _timeline.Record(new ProbeSampled(_name, slot, scheduledAt, _timeline.At(sent), reply.Outcome, reply.Detail), answered);
    }
}
