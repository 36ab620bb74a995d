using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Slos;

/// <summary>Puts into a scenario's objectives what the files say that they name.</summary>
internal static class SloGoals
{
    /// <summary>The scenario with what its files say; errors in them are noted where they are.</summary>
    public static Scenario Resolve(Scenario scenario, string file, PlaceFinder places, ErrorList errors)
    {
        if (!scenario.Spec.Objectives.Any(o => o.Goal is SloGoal))
        {
            return scenario;
        }

        var folder = Path.GetDirectoryName(file) ?? "";
        return scenario with
        {
            Spec = scenario.Spec with
            {
                Objectives = [.. scenario.Spec.Objectives.Select((o, i) => o.Goal is SloGoal goal ? o with { Goal = Read(goal, $"spec.objectives[{i}].slo") } : o)],
            },
        };

        SloGoal Read(SloGoal goal, string path)
        {
            try
            {
                return goal with { Level = SloFile.Read(Path.Combine(folder, goal.File), goal.Name) };
            }
            catch (ScenarioException e)
            {
                foreach (var error in e.Errors)
                {
                    // What is wrong with the whole file is mended in the scenario, which names it.
                    errors.Add(error.Path.Length > 0 ? error
                        : new ScenarioError(error.Code, places.Find(path + ".file"), path + ".file", $"{error.Source.File}: {error.Message}", error.Mend));
                }

                return goal;
            }
        }
    }
}
