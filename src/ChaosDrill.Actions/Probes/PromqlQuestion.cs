using ChaosDrill.Actions.Prometheus;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Probes;

/// <summary>Asks Prometheus. Its silence says nothing of what is asked about.</summary>
internal sealed class PromqlQuestion(PrometheusApi prometheus, PromqlProbe target) : IProbe
{
    public string Summary => $"{target.Query} {target.Is}, of {prometheus.Name}";

    /// <summary>None: the rights to reach Prometheus are those of the monitoring.</summary>
    public IReadOnlyList<AccessNeed> Needs => [];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reading = Reading.Of(await prometheus.QueryAsync(target.Query, cancellationToken), target.Series, target.Is);
            return reading.Value is not { } value ? new ProbeReply(SampleOutcome.Unknown, reading.Words)
                : target.Is.Holds(value) ? new ProbeReply(SampleOutcome.Success, null)
                : new ProbeReply(SampleOutcome.Failure, $"{reading.Words}, not {target.Is}");
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
}
