using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ChaosDrill.Commands;

/// <summary>Options and arguments that several commands share, so that they are called and checked the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>A scenario file.</summary>
    public static Argument<string> Scenario() => new("SCENARIO") { Description = "The scenario file (YAML)." };

    /// <summary>A drill in the store.</summary>
    public static Argument<string> DrillId()
    {
        var argument = new Argument<string>("ID")
        {
            Description = "The drill: its id, the beginning of its id, or \"latest\". Default: latest.",
            DefaultValueFactory = _ => "latest",
        };
        argument.CompletionSources.Add(Completions.DrillIds);
        return argument;
    }

    /// <summary>The cluster to act on.</summary>
    public static Option<string?> Context()
    {
        var option = Text("--context", "NAME", "Context of the kubeconfig to run on. Without it, and without one in the scenario, the twin is used.");
        option.CompletionSources.Add(Completions.Contexts);
        return option;
    }

    /// <summary>The kubeconfig.</summary>
    public static Option<string?> Kubeconfig() =>
        Text("--kubeconfig", "FILE", "The kubeconfig. Default: $KUBECONFIG, then ~/.kube/config.");

    /// <summary>The store.</summary>
    public static Option<string?> Store() =>
        Text("--store", "STORE", "The file that drills are kept in, or a PostgreSQL server: postgresql://USER@HOST/DATABASE. Default: $CHAOSDRILL_STORE, else drills.db in $CHAOSDRILL_HOME or ~/.local/state/chaosdrill.");

    /// <summary>Report templates.</summary>
    public static Option<string?> Templates() =>
        Text("--templates", "DIR", "Folder of report templates. Default: those that ChaosDrill ships.");

    /// <summary>The key that reports are sealed with.</summary>
    public static Option<string?> SignKey() =>
        Text("--sign-key", "FILE", $"Private key (ECDSA P-256, PEM) to seal the report with; \"chaosdrill verify-evidence --help\" shows how to make one. Default: ${Hosting.Sealing.KeyVariable}, else no seal.");

    /// <summary>The seed.</summary>
    public static Option<int?> Seed() => Number("--seed", "N", "Seed of the choice of targets. Default: the scenario's, else a new one.", 0, int.MaxValue);

    /// <summary>The form of what is printed.</summary>
    /// <param name="csv">Whether the command can print a table of comma-separated values, too.</param>
    public static Option<OutputForm> Output(bool csv = false)
    {
        string[] forms = csv ? ["text", "json", "csv"] : ["text", "json"];
        var listed = $"{string.Join(", ", forms[..^1])} or {forms[^1]}";
        var option = new Option<OutputForm>("--output", "-o")
        {
            Description = $"Form of the output: {listed}.",
            HelpName = string.Join('|', forms),
            CustomParser = result =>
            {
                if (forms.Contains(result.Tokens[0].Value) && Form(result.Tokens[0].Value) is { } form)
                {
                    return form;
                }

                result.AddError($"--output is {listed}, not \"{result.Tokens[0].Value}\"");
                return OutputForm.Text;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(forms);
        return option;
    }

    /// <summary>An option that takes a text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            if (result.Tokens[0].Value.Length == 0)
            {
                result.AddError($"{name} needs a value that is not empty");
            }

            return result.Tokens[0].Value;
        },
    };

    /// <summary>An option that takes a whole number within bounds.</summary>
    public static Option<int?> Number(string name, string helpName, string description, int least, int most) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            result.AddError($"{name} is a whole number from {least} to {most}, not \"{text}\"");
            return null;
        },
    };

    /// <summary>Makes an option or argument take nothing but certain words, at least two; says which when it is given another.</summary>
    public static void AcceptOnly<TResult>(List<Action<TResult>> validators, List<Func<CompletionContext, IEnumerable<CompletionItem>>> completions, string name, params string[] words)
        where TResult : SymbolResult
    {
        completions.Add(words);
        validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var word }, ..] && !words.Contains(word))
            {
                result.AddError($"{name} is {string.Join(", ", words[..^1])} or {words[^1]}, not \"{word}\"");
            }
        });
    }

    /// <summary>Whether a parsed command line asks for JSON; false for commands that have no such option.</summary>
    public static bool WantsJson(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.OfType<Option<OutputForm>>().FirstOrDefault() is { } option
        && parsed.GetResult(option) is { Tokens: [{ Value: var form }] } && Form(form) == OutputForm.Json;

    private static OutputForm? Form(string text) => text switch
    {
        "text" => OutputForm.Text,
        "json" => OutputForm.Json,
        "csv" => OutputForm.Csv,
        _ => null,
    };
}
