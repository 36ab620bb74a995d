using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Ports;

/// <summary>What watches the drill's subject besides the drill: the scenario's Prometheus.</summary>
public interface IMonitoring
{
    /// <summary>Rights that asking it needs.</summary>
    IReadOnlyList<AccessNeed> Needs { get; }

    /// <summary>Asks it once for everything that the drill will ask.</summary>
    /// <returns>What stands in the way: it does not answer, or does not understand a query. That a query gives no data now is no obstacle.</returns>
    Task<IReadOnlyList<Refusal>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>What looks at its alerts, and records each that is in another state than at the last look.</summary>
    IProbe AlertsFor(ITimelineWriter timeline);

    /// <summary>Measures an objective that asks it.</summary>
    /// <param name="goal">The objective.</param>
    /// <param name="back">How long ago the first fault took effect.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The value, unknown when it cannot be had, and what was asked and came back.</returns>
    Task<(MeasuredValue Value, string Evidence)> MeasureAsync(ObjectiveGoal goal, TimeSpan back, CancellationToken cancellationToken);
}
