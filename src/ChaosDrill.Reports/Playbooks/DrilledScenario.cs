using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>A scenario, the names its commands need, and the drills of it that ran on the same cluster.</summary>
/// <param name="Scenario">The scenario as its file says now.</param>
/// <param name="Names">What its commands name.</param>
/// <param name="Drills">Judged drills of that scenario on that cluster, the oldest first.</param>
public sealed record DrilledScenario(Scenario Scenario, ClusterNames Names, IReadOnlyList<(DrillRecord Record, Judgement Judgement)> Drills);
