using System.CommandLine;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill validate</c>.</summary>
internal static class ValidateCommand
{
    private sealed record Finding(string File, Scenario? Scenario, IReadOnlyList<ScenarioError> Errors, string? Other);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("SCENARIO") { Description = "Scenario files (YAML).", Arity = ArgumentArity.OneOrMore };
        var output = CommonOptions.Output();
        var command = new DrillCommand("validate", "Check scenario files without a cluster; names every error with its line and how to mend it.")
        {
            Examples =
            [
                ("One file", "chaosdrill validate scenarios/pod-kill.yaml"),
                ("All of them, for a pipeline", "chaosdrill validate scenarios/*.yaml --output json"),
            ],
        };
        command.Add(files);
        command.Add(output);
        command.SetAction(parsed =>
        {
            List<Finding> findings = [.. parsed.GetRequiredValue(files).Select(Check)];
            var bad = findings.Count(f => f.Scenario is null);
            if (parsed.GetValue(output) == OutputForm.Json)
            {
                Terminal.Current.Out.WriteLine(ResultJson.Write(new JsonArray([.. findings.Select(Node)])));
            }
            else
            {
                Print(findings, bad);
            }

            return (int)(bad == 0 ? ExitCode.Pass : ExitCode.BadUsage);
        });
        return command;
    }

    private static Finding Check(string file)
    {
        try
        {
            var scenario = Vocabulary.ReadScenario(file);
            OpenedCluster.Manifests(scenario);
            return new Finding(file, scenario, [], null);
        }
        catch (ScenarioException e)
        {
            return new Finding(file, null, e.Errors, null);
        }
        catch (CommandException e)
        {
            return new Finding(file, null, [], e.Message);
        }
    }

    private static void Print(List<Finding> findings, int bad)
    {
        foreach (var finding in findings)
        {
            if (finding.Scenario is { } scenario)
            {
                Terminal.Current.Write(new StyledLine().Add("valid", Tone.Good).Add(
                    $"  {finding.File}: {scenario.Metadata.Name}, {Count(scenario.Spec.Steps.Count, "step")}, {Count(scenario.Spec.Objectives.Count, "objective")}"));
                continue;
            }

            foreach (var error in finding.Errors)
            {
                Terminal.Current.Error.WriteLine(StyledLine.Printable(error.ToString()));
            }

            if (finding.Other is not null)
            {
                Terminal.Current.Error.WriteLine(StyledLine.Printable(finding.Other));
            }
        }

        if (bad > 0)
        {
            var errors = findings.Sum(f => f.Errors.Count + (f.Other is null ? 0 : 1));
            Terminal.Current.Error.WriteLine($"error: {Count(errors, "error")} in {bad} of {Count(findings.Count, "file")}");
        }
    }

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static JsonNode Node(Finding finding)
    {
        var errors = finding.Errors.Select(e => (JsonNode)new JsonObject
        {
            ["code"] = e.Code,
            ["line"] = e.Source.Line,
            ["column"] = e.Source.Column,
            ["path"] = e.Path,
            ["message"] = e.Message,
            ["mend"] = e.Mend,
        });
        return new JsonObject
        {
            ["file"] = finding.File,
            ["valid"] = finding.Scenario is not null,
            ["scenario"] = finding.Scenario?.Metadata.Name,
            ["errors"] = new JsonArray([.. errors, .. finding.Other is { } other ? [new JsonObject { ["message"] = other }] : Array.Empty<JsonNode>()]),
        };
    }
}
