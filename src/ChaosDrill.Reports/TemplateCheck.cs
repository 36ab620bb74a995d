using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Reports.Playbooks;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Reports;

/// <summary>Fills every template of a folder with a drill in which something happened, so that mistakes are found before they are needed.</summary>
public static class TemplateCheck
{
    /// <summary>Checks report templates.</summary>
    /// <returns>What is wrong, one for each template; empty when nothing is.</returns>
    public static IReadOnlyList<TemplateException> Reports(TemplateFolder folder)
    {
        var (record, judgement) = Specimen();
        var context = new PostMortemContext { Earlier = [(record.Header with { Id = "earlier", StartedAt = record.Header.StartedAt.AddDays(-1) }, judgement)] };
        return Faults(() => PostMortem.Html(record, judgement, folder, context), () => PostMortem.Markdown(record, judgement, folder, "timeline.svg", context));
    }

    /// <summary>Checks playbook templates; commands must also stand in fences that say what they do.</summary>
    /// <returns>What is wrong, one for each template; empty when nothing is.</returns>
    public static IReadOnlyList<TemplateException> Playbooks(TemplateFolder folder)
    {
        var (record, judgement) = Specimen();
        var names = new ClusterNames(
            record.Header.Plan.Cluster, record.Header.Plan.Namespace, new WorkloadReference("deployment", "specimen"), "app=specimen", "specimen", ["node1"],
            [new Target("ConfigMap", record.Header.Plan.Namespace, "specimen", "")]);
        var scenario = new Scenario
        {
            ApiVersion = "chaosdrill.dev/v1", Kind = "Scenario", Metadata = new ScenarioMetadata { Name = record.Header.Scenario },
            Spec = new ScenarioSpec { Cluster = new ClusterSpec { Namespace = names.Namespace }, Steps = [], Objectives = [] }, Origin = record.Header.Source,
        };
        return Faults([.. Playbook.Disasters(folder).Select(disaster => (Func<string>)(() => Filled(disaster, new DrilledScenario(scenario, names, [(record, judgement)]), folder)))]);
    }

    private static string Filled(string disaster, DrilledScenario scenario, TemplateFolder folder)
    {
        var text = Playbook.Markdown(disaster, [scenario], scenario.Names, folder);
        try
        {
            _ = PlaybookCommand.Of(text);
            return text;
        }
        catch (ReportException e)
        {
            var file = folder.Find(disaster + ".md.hbs");
            throw new TemplateException($"{file}: in what it makes, {e.Message}", file, inner: e);
        }
    }

    private static List<TemplateException> Faults(params ReadOnlySpan<Func<string>> documents)
    {
        List<TemplateException> faults = [];
        foreach (var fill in documents)
        {
            try
            {
                _ = fill();
            }
            catch (TemplateException fault) when (faults.TrueForAll(f => f.Message != fault.Message))
            {
                faults.Add(fault);
            }
            catch (TemplateException)
            {
                // The same partial in another document.
            }
        }

        return faults;
    }

    private static (DrillRecord Record, Judgement Judgement) Specimen()
    {
        using var stream = typeof(TemplateCheck).Assembly.GetManifestResourceStream("specimen.json")!;
        using var reader = new StreamReader(stream);
        return DrillDocument.Parse(reader.ReadToEnd());
    }
}
