using ChaosDrill.Actions.Probes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using Polly;
using Polly.Retry;

namespace ChaosDrill.Actions.Prometheus;

/// <summary>The scenario's Prometheus, as a drill asks it.</summary>
internal sealed class PrometheusMonitoring(PrometheusApi prometheus, Scenario scenario, TimeProvider clock) : IMonitoring
{
    /// <summary>What Prometheus gives at most for one series.</summary>
    private const int MostInstants = 11_000;

    private readonly ResiliencePipeline _again = new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<PrometheusException>(e => !e.OfQuery),
            MaxRetryAttempts = 4,
            Delay = TimeSpan.FromSeconds(1),
            BackoffType = DelayBackoffType.Exponential,
        })
        .Build();

    /// <inheritdoc />
    public IReadOnlyList<AccessNeed> Needs => scenario.Spec.Prometheus!.Service is { } service
        ? [new("get", "", "services/proxy", service.Namespace ?? scenario.Spec.Cluster.Namespace, "ask Prometheus", $"{service.Name}:{service.Port}")]
        : [];

    /// <inheritdoc />
    public async Task<IReadOnlyList<Refusal>> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await prometheus.NowAsync(cancellationToken);
        }
        catch (PrometheusException e)
        {
            return [new Refusal(RefusalKind.Missing, $"{prometheus.Name} cannot be asked: {e.Message}", "start it, or correct spec.prometheus")];
        }

        var queries = scenario.Spec.Probes.Select(p => ((p.Target as PromqlProbe)?.Query, p.Source))
            .Concat(scenario.Spec.Objectives.Select(o => ((o.Goal as PromqlGoal)?.Query, o.Source)));
        var refusals = new List<Refusal>();
        foreach (var (query, source) in queries.Where(q => q.Query is not null))
        {
            try
            {
                await prometheus.QueryAsync(query!, cancellationToken);
            }
            catch (PrometheusException e)
            {
                refusals.Add(new Refusal(RefusalKind.Missing, $"{prometheus.Name} cannot answer {query}: {e.Message}", "correct the query", source));
            }
        }

        return refusals;
    }

    /// <inheritdoc />
    public async Task<(MeasuredValue Value, string Evidence)> MeasureAsync(ObjectiveGoal goal, TimeSpan back, CancellationToken cancellationToken)
    {
        var asked = clock.GetTimestamp();
        try
        {
            return await _again.ExecuteAsync(
                async token => goal switch
                {
                    PromqlGoal { Over: QueryTime.Drill } query => await AtEveryInstantAsync(query, back + clock.GetElapsedTime(asked), token),
                    PromqlGoal query => Value(Reading.Of(await prometheus.QueryAsync(query.Query, token), query.Series, query.Is), query.Query),
                    _ => throw new ArgumentOutOfRangeException(nameof(goal), goal.GetType().Name),
                },
                cancellationToken);
        }
        catch (PrometheusException e)
        {
            return (MeasuredValue.Unknown(0, $"{prometheus.Name}: {e.Message}"), goal.Subject);
        }
    }

    private async Task<(MeasuredValue, string)> AtEveryInstantAsync(PromqlGoal goal, TimeSpan back, CancellationToken cancellationToken)
    {
        var now = await prometheus.NowAsync(cancellationToken);
        var step = Math.Max(goal.Every.TotalSeconds, Math.Ceiling(back.TotalSeconds / (MostInstants - 1)));
        var instants = await prometheus.QueryRangeAsync(goal.Query, now - back.TotalSeconds, now, step, cancellationToken);
        var readings = instants.Select(i => Reading.Of(i, goal.Series, goal.Is)).ToList();
        var known = readings.Where(r => r.Value is not null).ToList();
        var looked = $"{goal.Query} at {Figures.Count(instants.Count, "instant")}, {GoDuration.Format(TimeSpan.FromSeconds(step))} apart";
        if (known.Count == 0)
        {
            return (MeasuredValue.Unknown(0, readings[^1].Words), looked);
        }

        var worst = known.First(r => r.Value == goal.Is.Worst(known.Select(k => k.Value!.Value)));

        // A miss that was seen is one; a hole in the data may hide one that was not.
        return known.Count < readings.Count && goal.Is.Holds(worst.Value!.Value)
            ? (MeasuredValue.Unknown(0, $"at {readings.Count - known.Count} of {Figures.Count(readings.Count, "instant")} nothing is known: {readings.First(r => r.Value is null).Words}"), looked)
            : (Exactly(worst), $"{looked}; the worst: {worst.Words}");
    }

    private static (MeasuredValue, string) Value(Reading reading, string query) => reading.Value is null
        ? (MeasuredValue.Unknown(0, reading.Words), query)
        : (Exactly(reading), $"{query}: {reading.Words}");

    private static MeasuredValue Exactly(Reading reading) => new(0, reading.Value, reading.Value, reading.Value, null);
}
