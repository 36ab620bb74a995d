using System.Globalization;
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

    /// <summary>How far a share may lie outside of 0 and 1 and still be one.</summary>
    private const double Rounding = 0.02;

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
            if (scenario.Spec.Objectives.Any(o => o.Goal is TimeToDetectGoal))
            {
                await prometheus.AlertsAsync(cancellationToken);
            }
        }
        catch (PrometheusException e)
        {
            return [new Refusal(RefusalKind.Missing, $"{prometheus.Name} cannot be asked: {e.Message}", "start it, or correct spec.prometheus")];
        }

        var queries = scenario.Spec.Probes.Select(p => ((p.Target as PromqlProbe)?.Query, p.Source))
            .Concat(scenario.Spec.Objectives.Select(o => (Query: (o.Goal as PromqlGoal)?.Query ?? (o.Goal as SloGoal)?.Level!.QueryFor(60), o.Source)));
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
    public IProbe AlertsFor(ITimelineWriter timeline) => new AlertQuestion(prometheus, timeline);

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
                    SloGoal { Level: { } level } => await BudgetSpentAsync(level, (back + clock.GetElapsedTime(asked)).TotalSeconds, token),
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

    private async Task<(MeasuredValue, string)> BudgetSpentAsync(ServiceLevel level, double seconds, CancellationToken cancellationToken)
    {
        var query = level.QueryFor(seconds);
        var reading = Reading.Of(await prometheus.QueryAsync(query, cancellationToken), SeriesRule.One, new Comparison("<=", 1));
        if (reading.Value is not { } ratio)
        {
            return (MeasuredValue.Unknown(0, reading.Words), query);
        }

        // Counters are extrapolated to the ends of the window, and two of them not alike: a little outside of 0 and 1 is rounding.
        if (ratio is < -Rounding or > 1 + Rounding)
        {
            return (MeasuredValue.Unknown(0, $"the share of bad events is {Figures.Value(MeasureUnit.Number, ratio)}, which is no share: the queries do not count the same events"), query);
        }

        ratio = Math.Clamp(ratio, 0, 1);
        var spent = level.BudgetSpent(ratio, seconds);
        var remark = $"{Figures.Share(ratio)} bad events in {Figures.Seconds(seconds)}, against a target of {(level.Target * 100).ToString("0.######", CultureInfo.InvariantCulture)}% in {level.Window.TotalDays:0.##} days ({level.Form}): burn rate {Figures.Value(MeasureUnit.Number, level.BurnRate(ratio))}";
        return (new MeasuredValue(0, spent, spent, spent, remark), query);
    }

    private static (MeasuredValue, string) Value(Reading reading, string query) => reading.Value is null
        ? (MeasuredValue.Unknown(0, reading.Words), query)
        : (Exactly(reading), $"{query}: {reading.Words}");

    private static MeasuredValue Exactly(Reading reading) => new(0, reading.Value, reading.Value, reading.Value, null);
}
