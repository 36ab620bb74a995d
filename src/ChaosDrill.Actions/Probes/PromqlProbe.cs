using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Probes;

/// <summary>
/// Asks the scenario's Prometheus (<c>spec.prometheus</c>). A value that is as it must be is a success, any other a failure. No data, NaN, several
/// series without a rule, and a Prometheus that does not answer say nothing. What it knows is as old as its last scrape.
/// </summary>
public sealed record PromqlProbe : ProbeTarget
{
    /// <summary>The query, an expression of PromQL that gives numbers. A comparison belongs into <c>is</c>: one in the query leaves out what it does not hold for.</summary>
    public required string Query { get; init; }

    /// <summary>What the value must be, such as <c>&lt; 0.01</c>.</summary>
    public required Comparison Is { get; init; }

    /// <summary>What becomes of several series.</summary>
    public SeriesRule Series { get; init; }

    /// <inheritdoc />
    public override bool AsksPrometheus => true;
}
