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
    /// <param name="chartFile">File name of the drawn timeline (see <see cref="Timeline"/>) if it lies beside the document.</param>
    /// <param name="context">What is shown beside the drill; nothing unless given.</param>
    /// <exception cref="TemplateException">A template is wrong.</exception>
    public static string Markdown(DrillRecord record, Judgement judgement, TemplateFolder templates, string? chartFile = null, PostMortemContext? context = null) =>
        TemplateEngine.Render(templates, "postmortem.md.hbs", new MarkdownValueEncoder(), Model(record, judgement, chartFile, context));

    /// <summary>As one HTML page that needs no other file, no network and no script.</summary>
    /// <param name="record">The drill.</param>
    /// <param name="judgement">What follows from it.</param>
    /// <param name="templates">Where the template comes from.</param>
    /// <param name="context">What is shown beside the drill; nothing unless given.</param>
    /// <exception cref="TemplateException">A template is wrong.</exception>
    public static string Html(DrillRecord record, Judgement judgement, TemplateFolder templates, PostMortemContext? context = null) =>
        TemplateEngine.Render(templates, "postmortem.html.hbs", new HtmlValueEncoder(), Model(record, judgement, null, context));

    /// <summary>The drawn timeline as an SVG file; null when nothing was observed that could be drawn.</summary>
    public static string? Timeline(DrillRecord record, Judgement judgement) => ChartSection.StandAlone(new DrillFacts(record, judgement));

    /// <summary>What the templates are given.</summary>
    internal static Fields Model(DrillRecord record, Judgement judgement, string? chartFile, PostMortemContext? context)
    {
        var facts = new DrillFacts(record, judgement);
        var chart = new ChartData(facts);
        return new Fields
        {
            ["head"] = HeadSection.Of(facts),
            ["objectives"] = ObjectiveSection.Of(facts),
            ["chart"] = ChartSection.Of(facts, chart, chartFile),
            ["recoveries"] = RecoverySection.Of(facts, chart),
            ["findings"] = FindingSection.Of(facts),
            ["steadyState"] = EvidenceSection.SteadyState(facts),
            ["guards"] = EvidenceSection.Guards(facts),
            ["undo"] = EvidenceSection.Undo(facts),
            ["events"] = EventSection.Of(facts),
            ["plan"] = PlanSection.Of(facts),
            ["method"] = MethodSection.Of(facts),
            ["budget"] = BudgetSection.Of(facts),
            ["alerts"] = AlertSection.Of(facts),
            ["history"] = HistorySection.Of(facts, (context ?? PostMortemContext.None).Earlier),
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
