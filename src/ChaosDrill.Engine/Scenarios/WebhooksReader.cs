using ChaosDrill.Engine.Scenarios.Binding;
using ChaosDrill.Engine.Scenarios.Forms;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model.Notifications;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>Reads files of webhooks as strictly as scenarios, and says everything that is wrong with one at once.</summary>
public static class WebhooksReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">Path of the file; messages repeat it as it is.</param>
    /// <exception cref="ScenarioException">The file cannot be read or is no good.</exception>
    public static WebhooksFile ReadFile(string path)
    {
        var text = TextFile.Read(path);
        TextFile.RefuseForbiddenCharacters(text, path);
        var errors = new ErrorList();
        var root = YamlTree.Read(text, path, errors);
        var file = (WebhooksFile)new Binder(errors).BindRecord(new ScenarioForm(ScenarioVocabulary.BuiltIn).RecordOf(typeof(WebhooksFile)), root, "");
        var places = new PlaceFinder(root);
        for (var i = 0; i < file.Webhooks.Count; i++)
        {
            var (hook, field) = (file.Webhooks[i], $"webhooks[{i}]");
            if (hook.UrlFile is null == hook.UrlEnv is null && !errors.InDoubt(field))
            {
                errors.Add(ScenarioErrorCodes.Options, places.Find(field), field, "the URL stands in one place", "write one of urlFile: FILE and urlEnv: VARIABLE");
            }
            else if (file.Webhooks.Take(i).Any(h => h.Name == hook.Name) && !errors.InDoubt(field))
            {
                errors.Add(ScenarioErrorCodes.Options, places.Find(field + ".name"), field + ".name", $"the name {Shown.Quoted(hook.Name)} is taken", "choose another name");
            }
        }

        return errors.IsEmpty ? file : throw errors.ToException();
    }
}
