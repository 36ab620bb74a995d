using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Reports.Postmortems;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports;

/// <summary>A drill as JUnit XML, for build servers: one suite, one case for each objective, the steady state, the undo and the drill as a whole.</summary>
/// <remarks>
/// A missed objective is a failure. What could not be known is an error, so that no dashboard paints it green.
/// What was never looked at because the drill was refused or stopped is skipped, and then the whole drill is an error.
/// </remarks>
public static class JUnit
{
    /// <summary>Writes the document.</summary>
    public static string Xml(DrillRecord record, Judgement judgement)
    {
        var facts = new DrillFacts(record, judgement);
        List<XElement> cases = [WholeDrill(facts), .. Objectives(facts), .. Checks(facts), .. SteadyState(facts), Undo(facts)];
        int Count(string name) => cases.Count(c => c.Element(name) is not null);
        object[] totals =
        [
            new XAttribute("tests", cases.Count), new XAttribute("failures", Count("failure")), new XAttribute("errors", Count("error")),
            new XAttribute("skipped", Count("skipped")), new XAttribute("time", Seconds(facts.Length)),
        ];
        var suite = new XElement(
            "testsuite",
            new XAttribute("name", Plain.Line(record.Header.Scenario)),
            totals,
            new XAttribute("timestamp", record.Header.StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)),
            new XAttribute("hostname", Plain.Line(record.Header.Plan.Cluster.Name)),
            Properties(facts),
            cases);
        var document = new XDocument(new XElement("testsuites", new XAttribute("name", "ChaosDrill"), totals, suite));
        using var text = new Utf8Writer();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
        {
            document.Save(writer);
        }

        return text + "\n";
    }

    private static XElement WholeDrill(DrillFacts facts)
    {
        var reason = Plain.Line(facts.Judgement.Reason);
        return Case(facts, "drill", facts.Judgement.Outcome switch
        {
            DrillOutcome.Pass => null,
            DrillOutcome.Fail => Failure(reason),
            var other => new XElement("error", new XAttribute("type", other.ToString().ToLowerInvariant()), new XAttribute("message", reason)),
        });
    }

    private static IEnumerable<XElement> Objectives(DrillFacts facts)
    {
        foreach (var result in facts.Judgement.Objectives)
        {
            var detail = string.Join('\n', result.Measure.Values.Select(v =>
                $"{(Words.LabelOf(v, facts.Header.Plan.Repeat) is { Length: > 0 } label ? label + ": " : "")}{Figures.Estimate(result.Measure.Unit, v, Words.LimitOf(result.Goal))}" +
                (v.Remark is null ? "" : ", " + Plain.Line(v.Remark))));
            yield return Case(facts, $"{result.Goal.Metric} of {Plain.Line(result.Goal.Subject)} {result.Goal.Limit}", Of(result.Verdict, Plain.Line(result.Reason), detail), result.Verdict == Verdict.Pass ? detail : "");
        }

        if (facts.Judgement.Objectives.Count == 0)
        {
            foreach (var goal in facts.Header.Objectives)
            {
                yield return Case(
                    facts, $"{goal.Metric} of {Plain.Line(goal.Subject)} {goal.Limit}",
                    new XElement("skipped", new XAttribute("message", "not measured: " + Plain.Line(facts.Judgement.Reason))));
            }
        }
    }

    private static IEnumerable<XElement> Checks(DrillFacts facts)
    {
        foreach (var check in facts.Of<CheckMade>().GroupBy(c => (c.Event.Step, c.Event.Check)))
        {
            var worst = check.Select(c => c.Event).OrderBy(c => c.Held switch { false => 0, null => 1, true => 2 }).First();
            var verdict = worst.Held switch { true => Verdict.Pass, false => Verdict.Fail, null => Verdict.Inconclusive };
            yield return Case(facts, $"{facts.StepName(worst.Step)}: {Plain.Line(worst.Check)}", Of(verdict, Plain.Line(worst.Evidence), ""));
        }
    }

    private static IEnumerable<XElement> SteadyState(DrillFacts facts)
    {
        foreach (var check in facts.Of<SteadyStateChecked>().GroupBy(c => (c.Event.Stage, c.Event.Subject)))
        {
            // Over several repetitions the worst counts: one that did not hold, else one that is not known.
            var worst = check.Select(c => c.Event).OrderBy(c => c.Held switch { false => 0, null => 1, true => 2 }).First();
            var when = worst.Stage == DrillStage.SteadyStateAfter ? "after" : "before";
            var verdict = worst.Held switch { true => Verdict.Pass, false when when == "after" => Verdict.Fail, _ => Verdict.Inconclusive };
            yield return Case(facts, $"steady state {when}: {Plain.Line(worst.Subject)}", Of(verdict, Plain.Line(worst.Reason), ""));
        }
    }

    private static XElement Undo(DrillFacts facts) =>
        Case(facts, "everything is put back", facts.Judgement.UndoComplete ? null : Failure("something is left behind: a person is needed"));

    private static XElement? Of(Verdict verdict, string reason, string detail) => verdict switch
    {
        Verdict.Pass => null,
        Verdict.Fail => Failure(reason, detail),
        _ => new XElement("error", new XAttribute("type", "inconclusive"), new XAttribute("message", reason), detail),
    };

    private static XElement Failure(string reason, string detail = "") =>
        new("failure", new XAttribute("type", "fail"), new XAttribute("message", reason), detail);

    private static XElement Case(DrillFacts facts, string name, XElement? result, string output = "") => new(
        "testcase",
        new XAttribute("classname", "chaosdrill." + Plain.Line(facts.Header.Scenario)),
        new XAttribute("name", name),
        result,
        output.Length > 0 ? new XElement("system-out", output) : null);

    private static XElement Properties(DrillFacts facts)
    {
        var header = facts.Header;
        (string Name, string Value)[] properties =
        [
            ("drill", header.Id), ("outcome", facts.Outcome), ("cluster", header.Plan.Cluster.Name), ("clusterVersion", header.Plan.Cluster.Version),
            ("namespace", header.Plan.Namespace), ("scenarioDigest", header.Source.Digest),
            ("seed", header.Plan.Seed.ToString(CultureInfo.InvariantCulture)), ("toolVersion", header.ToolVersion),
            .. header.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => ("label." + l.Key, l.Value)),
        ];
        return new XElement("properties", properties.Select(p =>
            new XElement("property", new XAttribute("name", Plain.Line(p.Name)), new XAttribute("value", Plain.Line(p.Value)))));
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    // A StringWriter would claim utf-16 in the document's first line.
    private sealed class Utf8Writer : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
