using System.Reflection;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;

namespace ChaosDrill.Hosting;

/// <summary>Writes down what is known of a drill before it starts.</summary>
internal static class DrillHeaders
{
    /// <summary>ChaosDrill's version.</summary>
    public static string ToolVersion { get; } =
        typeof(DrillHeaders).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>The header of a drill that starts now.</summary>
    public static DrillHeader Of(Scenario scenario, Plan plan, ICluster cluster, bool virtualTime)
    {
        var spec = scenario.Spec;
        var startedAt = SystemClock.Instance.GetUtcNow();
        return new DrillHeader
        {
            Id = DrillIds.New(scenario.Metadata.Name, startedAt),
            Scenario = scenario.Metadata.Name,
            Description = spec.Description,
            Labels = scenario.Metadata.Labels,
            Source = scenario.Origin,
            StartedAt = startedAt,
            TimeZone = SystemClock.Instance.LocalTimeZone.Id,
            ToolVersion = ToolVersion,
            Process = LocalProcess.Current(),
            VirtualTime = virtualTime,
            Plan = plan,
            Probes = [.. spec.Probes.Select(p => new ProbeTimetable(p.Name, cluster.ProbeFor(p, spec.Cluster.Namespace).Summary, p.Every, p.Timeout))],
            Awaits =
            [
                .. spec.Steps.Index().Where(s => s.Item.Action is AwaitRecovery)
                    .Select(s => (s.Index, Action: (AwaitRecovery)s.Item.Action))
                    .Select(s => new RecoveryAwait(s.Index, s.Action.Of, s.Action.StableFor, s.Action.Timeout)),
            ],
            Objectives = [.. spec.Objectives.Select(o => o.Goal)],
            SteadyState = [.. spec.SteadyState.Select(s => s.Subject)],
        };
    }
}
