using ChaosDrill.Model.Drills;

namespace ChaosDrill.Store;

/// <summary>How many drills of a scenario ended in one word.</summary>
/// <param name="Scenario">Name of the scenario.</param>
/// <param name="Outcome">The word.</param>
/// <param name="Count">How many.</param>
/// <param name="Newest">When the newest of them began.</param>
public sealed record DrillTally(string Scenario, DrillOutcome Outcome, long Count, DateTimeOffset Newest);
