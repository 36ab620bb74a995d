using ChaosDrill.Model.Drills;
using ChaosDrill.Reports.Charts;
using ChaosDrill.Reports.Postmortems;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports;

/// <summary>The post-mortem of a drill: recorded facts, and clearly marked room for what only people know.</summary>
/// <remarks>Pure: the same drill, judgement and templates give the same text.</remarks>
public static class PostMortem
{
    /// <summary>As GitHub-flavoured Markdown.</summary>
    /// <param name="record">The drill.</param>
    /// <param name="judgement">What follows from it.</param>
    /// <param name="templates">Where the template comes from.</param>
    /// <param name="context">What is shown beside the drill; nothing unless given.</param>
    /// <param name="pictures">Drawings that the document shows are put here, by file name (<c>timeline.svg</c>); without it there are none.</param>
    /// <exception cref="TemplateException">A template is wrong.</exception>
    public static string Markdown(
        DrillRecord record, Judgement judgement, TemplateFolder templates, PostMortemContext? context = null, IDictionary<string, string>? pictures = null) =>
        TemplateEngine.Render(templates, "postmortem.md.hbs", new MarkdownValueEncoder(), Model(record, judgement, context, pictures));

    /// <summary>As one HTML page that needs no other file, no network and no script.</summary>
    /// <param name="record">The drill.</param>
    /// <param name="judgement">What follows from it.</param>
    /// <param name="templates">Where the template comes from.</param>
    /// <param name="context">What is shown beside the drill; nothing unless given.</param>
    /// <exception cref="TemplateException">A template is wrong.</exception>
    public static string Html(DrillRecord record, Judgement judgement, TemplateFolder templates, PostMortemContext? context = null)
    {
        const string Template = "postmortem.html.hbs";
        var page = TemplateEngine.Write(templates, Template, HtmlValueEncoder.Instance, Model(record, judgement, context, null));
        return PagePolicy.Apply(page, templates.Find(Template));
    }

    /// <summary>What the templates are given.</summary>
    internal static Fields Model(DrillRecord record, Judgement judgement, PostMortemContext? context, IDictionary<string, string>? files)
    {
        var facts = new DrillFacts(record, judgement);
        var chart = new ChartData(facts);
        var pictures = new Pictures(files);
        return new Fields
        {
            ["head"] = HeadSection.Of(facts),
            ["objectives"] = ObjectiveSection.Of(facts),
            ["chart"] = ChartSection.Of(facts, chart, pictures),
            ["recoveries"] = RecoverySection.Of(facts, chart, pictures),
            ["findings"] = FindingSection.Of(facts, pictures),
            ["steadyState"] = EvidenceSection.SteadyState(facts),
            ["guards"] = EvidenceSection.Guards(facts),
            ["undo"] = EvidenceSection.Undo(facts),
            ["events"] = EventSection.Of(facts),
            ["plan"] = PlanSection.Of(facts),
            ["method"] = MethodSection.Of(facts),
            ["budget"] = BudgetSection.Of(facts, pictures),
            ["alerts"] = AlertSection.Of(facts),
            ["history"] = HistorySection.Of(facts, (context ?? PostMortemContext.None).Earlier, pictures),
            ["human"] = Human(context ?? PostMortemContext.None),
        };
    }

    private static Fields Human(PostMortemContext context)
    {
        var human = new Fields();
        foreach (var (name, text) in context.Filled)
        {
            human[name] = Plain.Block(text);
        }

        return human;
    }
}
