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
    /// <returns>What is wrong: the first mistake of each template that cannot be filled, else every name that no report has, else every partial that nothing calls.</returns>
    public static IReadOnlyList<TemplateException> Reports(TemplateFolder folder) => Either(Filling(folder), folder, TemplateModel.Reports, folder.Names);

    /// <summary>Fills report templates, and looks no further.</summary>
    /// <returns>The first mistake of each template that cannot be filled.</returns>
    public static IReadOnlyList<TemplateException> Filling(TemplateFolder folder)
    {
        var (record, judgement) = Specimen();
        var context = new PostMortemContext { Earlier = [(record.Header with { Id = "earlier", StartedAt = record.Header.StartedAt.AddDays(-1) }, judgement)] };
        return Faults(() => PostMortem.Html(record, judgement, folder, context), () => PostMortem.Markdown(record, judgement, folder, context, new Dictionary<string, string>()));
    }

    /// <summary>Checks playbook templates; commands must also stand in fences that say what they do.</summary>
    /// <returns>As of <see cref="Reports"/>.</returns>
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
        return Either(
            Faults([.. Playbook.Disasters(folder).Select(disaster => (Func<string>)(() => Filled(disaster, new DrilledScenario(scenario, names, [(record, judgement)]), folder)))]),
            folder, TemplateModel.Playbooks, folder.Names);
    }

    // Names in a template that cannot even be filled would only hide what is wrong with it.
    private static IReadOnlyList<TemplateException> Either(
        IReadOnlyList<TemplateException> faults, TemplateFolder folder, TemplateModel model, IReadOnlyList<string> templates)
    {
        if (faults.Count > 0)
        {
            return faults;
        }

        var names = new TemplateNames(folder, model);
        List<TemplateException> found = [.. templates.SelectMany(names.Check).DistinctBy(f => f.Message)];
        var called = names.Used.ToHashSet();
        return
        [
            .. found,
            .. folder.OwnPartials.Where(p => !called.Contains(p)).Select(p => new TemplateException(
                $"{p}:1:1: no template calls a partial of this name{(TemplateBlocks.DidYouMean(Path.GetFileNameWithoutExtension(p), [.. called.Select(c => Path.GetFileNameWithoutExtension(c)!).Distinct()]))}",
                p, 1, 1)),
        ];
    }

    private static string Filled(string disaster, DrilledScenario scenario, TemplateFolder folder)
    {
        try
        {
            return Playbook.Markdown(disaster, [scenario], scenario.Names, folder);
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
