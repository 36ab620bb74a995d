using System.Globalization;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Reports.Documents;
using ChaosDrill.Reports.Postmortems;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>The playbook of one disaster: a template filled with a cluster's names and with times that drills have measured.</summary>
/// <remarks>Pure: the same scenarios, drills and template give the same text. People's parts come from the version that is replaced.</remarks>
public static class Playbook
{
    /// <summary>The scenario's label that names its disaster; it is also the name of the template and of the playbook.</summary>
    public const string Label = "disaster";

    /// <summary>The disaster that a scenario is about; null when it says none.</summary>
    public static string? DisasterOf(Scenario scenario) => scenario.Metadata.Labels.GetValueOrDefault(Label);

    /// <summary>The disasters that a folder has templates for, in order.</summary>
    public static IReadOnlyList<string> Disasters(TemplateFolder templates) =>
        [.. templates.Names.Where(n => n.EndsWith(".md.hbs", StringComparison.Ordinal)).Select(n => n[..^".md.hbs".Length])];

    /// <summary>Writes a playbook.</summary>
    /// <param name="disaster">Names the template.</param>
    /// <param name="scenarios">Those of this disaster; none makes a playbook that says that nothing was proved.</param>
    /// <param name="names">Names for the commands.</param>
    /// <param name="templates">Where the template comes from.</param>
    /// <param name="previous">The playbook that is replaced; null when there is none.</param>
    /// <exception cref="TemplateException">The template is missing or wrong.</exception>
    /// <exception cref="ReportException">The parts that people filled in cannot be told apart in the previous playbook.</exception>
    public static string Markdown(
        string disaster, IReadOnlyList<DrilledScenario> scenarios, ClusterNames names, TemplateFolder templates, string? previous = null)
    {
        var times = new DrillTimes(scenarios.SelectMany(s => s.Drills));
        var text = TemplateEngine.Render(templates, disaster + ".md.hbs", new MarkdownValueEncoder(), Model(disaster, scenarios, names, times));
        text = CommandProof.Add(text, times);
        text = PlaybookSeal.Of(disaster, scenarios, names, templates, text).Append(text);
        return previous is null ? text : HumanParts.Keep(text, HumanParts.Of(previous));
    }

    /// <summary>What the templates are given.</summary>
    internal static Fields Model(string disaster, IReadOnlyList<DrilledScenario> scenarios, ClusterNames names, DrillTimes times)
    {
        static Markup Word(string text) => new(ShellWord.Of(text), isCode: true);
        var context = names.Cluster.IsTwin ? null : names.Cluster.Name;
        var kubectl = context is null ? "kubectl" : "kubectl --context " + ShellWord.Of(context);
        return new Fields
        {
            ["head"] = new Fields
            {
                ["disaster"] = Plain.Line(disaster),
                ["cluster"] = Plain.Line(names.Cluster.Name),
                ["version"] = Plain.Line(names.Cluster.Version),
                ["isTwin"] = names.Cluster.IsTwin,
                ["drills"] = scenarios.Sum(s => s.Drills.Count),
                ["isDrilled"] = scenarios.Count > 0,
            },
            ["kubectl"] = new Markup(kubectl, isCode: true),
            ["kubectlHere"] = new Markup($"{kubectl} -n {ShellWord.Of(names.Namespace)}", isCode: true),
            ["names"] = new Fields
            {
                ["namespace"] = Word(names.Namespace),
                ["deleted"] = Word(names.Targets.FirstOrDefault(t => t.Kind == "Namespace")?.Name ?? names.Namespace),
                ["workload"] = Word(names.Workload.ToString()),
                ["kind"] = Word(names.Workload.Kind),
                ["name"] = Word(names.Workload.Name),
                ["selector"] = Word(names.Selector),
                ["service"] = names.Service is null ? null : Word(names.Service),
                ["node"] = Word(Node(names)),
                ["nodes"] = names.Nodes.Select(n => (object?)Word(n)).ToList(),
                ["targets"] = names.Targets.Where(t => t.Kind != "Node").Select(t => (object?)new Fields
                {
                    ["kind"] = Word(t.Kind.ToLowerInvariant()), ["name"] = Word(t.Name),
                }).ToList(),
            },
            ["scenarios"] = scenarios.Select(s => (object?)Row(s, times)).ToList(),
            ["times"] = times.Model(),
        };
    }

    private static string Node(ClusterNames names) =>
        names.Targets.FirstOrDefault(t => t.Kind == "Node")?.Name ?? (names.Nodes.Count > 0 ? names.Nodes[0] : "NODE");

    private static Fields Row(DrilledScenario drilled, DrillTimes times)
    {
        var last = drilled.Drills.Count > 0 ? drilled.Drills[^1] : default;
        return new Fields
        {
            ["name"] = Plain.Line(drilled.Scenario.Metadata.Name),
            ["file"] = Plain.Line(Path.GetFileName(drilled.Scenario.Origin.File)),
            ["description"] = Plain.Line(drilled.Scenario.Spec.Description),
            ["objectives"] = drilled.Scenario.Spec.Objectives.Select(o => (object?)$"{Words.Metric(o.Goal)} of {Plain.Line(o.Goal.Subject)} {o.Goal.Limit}").ToList(),
            ["drills"] = drilled.Drills.Count,
            ["measured"] = times.Measured(drilled.Scenario.Metadata.Name),
            ["passed"] = drilled.Drills.Count(d => d.Judgement.Outcome == DrillOutcome.Pass),
            ["lastDrill"] = last.Record is null ? null : Plain.Line(last.Record.Header.Id),
            ["lastDate"] = last.Record?.Header.StartedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["lastOutcome"] = last.Judgement?.Outcome.ToString().ToLowerInvariant(),
            ["isOlderScenario"] = last.Record is not null && last.Record.Header.Source.Digest != drilled.Scenario.Origin.Digest,
        };
    }
}
