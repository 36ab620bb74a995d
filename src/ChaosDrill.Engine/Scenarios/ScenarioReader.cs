using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Engine.Scenarios.Binding;
using ChaosDrill.Engine.Scenarios.Checks;
using ChaosDrill.Engine.Scenarios.Forms;
using ChaosDrill.Engine.Scenarios.Slos;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>Reads scenario files, and says everything that is wrong with one at once.</summary>
/// <remarks>Thread-safe. Whatever a file holds, reading it gives a scenario or a <see cref="ScenarioException"/>.</remarks>
/// <param name="vocabulary">The kinds of steps, probes and objectives that may be used.</param>
public sealed class ScenarioReader(ScenarioVocabulary vocabulary)
{
    private readonly ScenarioForm form = new(vocabulary);

    /// <summary>Reads a file of at most 1 MiB; more is not read.</summary>
    /// <param name="path">Path of the file; messages and <see cref="Scenario.Origin"/> repeat it as it is.</param>
    /// <exception cref="ScenarioException">The file cannot be read or is no good scenario.</exception>
    public Scenario ReadFile(string path) => Read(TextFile.Read(path), path);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="ScenarioException">The text is no good scenario.</exception>
    public Scenario Read(string text, string file)
    {
        TextFile.RefuseForbiddenCharacters(text, file);
        var errors = new ErrorList();
        var root = YamlTree.Read(text, file, errors);
        var scenario = (Scenario)new Binder(errors).BindRecord(form.Root, root, "");
        if (errors.Has(ScenarioErrorCodes.NotExact, "apiVersion") && errors.Has(ScenarioErrorCodes.NotExact, "kind"))
        {
            // This is another kind of file altogether; what else it says is beside the point.
            errors.KeepOnly("apiVersion", "kind");
        }
        else
        {
            var places = new PlaceFinder(root);
            ScenarioChecks.Run(scenario, vocabulary, places, errors);
            scenario = errors.IsEmpty ? SloGoals.Resolve(scenario, file, places, errors) : scenario;
        }

        return errors.IsEmpty ? scenario with { Origin = new ScenarioSource(file, text, Digest(text)) } : throw errors.ToException();
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
