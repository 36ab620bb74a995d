using ChaosDrill.Actions;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Hosting;

/// <summary>Every word that a scenario of this program may use: the model's own and those of the actions.</summary>
internal static class Vocabulary
{
    /// <summary>All kinds of steps, probes and objectives.</summary>
    public static ScenarioVocabulary Full => field ??= ScenarioVocabulary.BuiltIn.With(ActionVocabulary.Steps, ActionVocabulary.Probes);

    /// <summary>Reads scenarios. Made once: what it makes of the vocabulary takes longer than most files.</summary>
    public static ScenarioReader Reader => field ??= new ScenarioReader(Full);

    /// <summary>Reads a scenario file.</summary>
    /// <exception cref="ScenarioException">It cannot be read, or is no good scenario.</exception>
    public static Scenario ReadScenario(string path) => Reader.ReadFile(path);
}
