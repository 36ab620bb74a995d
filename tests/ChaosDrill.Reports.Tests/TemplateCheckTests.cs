using ChaosDrill.Reports.Templates;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class TemplateCheckTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shipped_AreGood()
    {
        Assert.Empty(TemplateCheck.Reports(TemplateFolder.Shipped));
        Assert.Empty(TemplateCheck.Playbooks(TemplateFolder.Playbooks));
    }

    [Fact]
    public void Reports_MistakeWhereOnlyAFullDrillComes_IsFound()
    {
        folder.Write("postmortem.md.hbs", "{{#each recoveries.rows}}{{#each marks}}\n  {{shout name}}{{/each}}{{/each}}");

        var fault = Assert.Single(TemplateCheck.Reports(TemplateFolder.At(folder.Path)));

        Assert.StartsWith(Path.Combine(folder.Path, "postmortem.md.hbs") + ":", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_MistakeInAPartialOfBothDocuments_IsToldOnceWithItsPlace()
    {
        folder.Write("partials/objectives.hbs", "a\n  {{#if x}}");
        folder.Write("postmortem.md.hbs", "{{> objectives}}");

        var fault = Assert.Single(TemplateCheck.Reports(TemplateFolder.At(folder.Path)));

        Assert.Equal((2, 3), (fault.Line, fault.Column));
        Assert.Equal(Path.Combine(folder.Path, "partials", "objectives.hbs"), fault.File);
    }

    [Fact]
    public void Playbooks_FenceThatDoesNotSayWhatItDoes_IsFound()
    {
        folder.Write("flood.md.hbs", "# Flood\n```sh\n{{{kubectl}}} delete nodes --all\n```\n");

        Assert.EndsWith(
            "flood.md.hbs: in what it makes, line 2: the fence must say what its commands do: sh look, sh change or sh by-hand",
            Assert.Single(TemplateCheck.Playbooks(TemplateFolder.PlaybooksAt(folder.Path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n {{head.reson}}", 2, 4, "there is no \"reson\" in head; did you mean \"reason\"?")]
    [InlineData("{{#each objectives.rows}}\n{{metrik}}{{/each}}", 2, 3, "there is no \"metrik\" in objectives.rows[]; did you mean \"metric\"?")]
    [InlineData("{{#each objectives.rows}}{{#if spread}}{{spread.meadian}}{{/if}}{{/each}}", 1, 42, "there is no \"meadian\" in objectives.rows[].spread; did you mean \"median\"?")]
    [InlineData("{{#each objectives.rows}}x{{else}}{{objectives.unmesured}}{{/each}}", 1, 37, "there is no \"unmesured\" in objectives; did you mean \"unmeasured\"?")]
    [InlineData("{{#with head}}{{../heat.id}}{{/with}}", 1, 17, "there is no \"heat\"; did you mean \"head\"?")]
    [InlineData("{{../../x}}", 1, 3, "\"../../x\" goes up further than there are blocks around it.")]
    [InlineData("{{#if head.isPas}}x{{/if}}", 1, 7, "there is no \"isPas\" in head; did you mean \"isPass\"?")]
    [InlineData("{{@root.head.ids}}", 1, 3, "there is no \"ids\" in head; did you mean \"id\"?")]
    [InlineData("{{> findigns}}", 1, 5, "there is no partial \"findigns\", which would be partials/findigns.hbs; did you mean \"findings\"?")]
    [InlineData("x {{shout head.id}}", 1, 5, "there is no helper \"shout\"; the language has if, unless, each, with and lookup.")]
    [InlineData("x\n{{#eech head.facts}}{{/eech}}", 2, 1, "there is no block {{#eech}}; did you mean \"each\"?")]
    public void Reports_WrongName_IsFoundWithItsPlaceAndTheNameThatWasMeant(string template, int line, int column, string what)
    {
        var file = folder.Write("postmortem.md.hbs", template);

        var fault = Assert.Single(TemplateCheck.Reports(TemplateFolder.At(folder.Path)));

        Assert.Equal($"{file}:{line}:{column}: {what}", fault.Message);
    }

    [Fact]
    public void Reports_WrongNameInAPartial_IsFoundInTheContextThatItIsCalledWith()
    {
        var file = folder.Write("partials/mine.hbs", "\n{{verdict}} {{verdickt}}");
        folder.Write("postmortem.md.hbs", "{{#each objectives.rows}}{{> mine}}{{/each}}");

        Assert.Equal(
            $"{file}:2:15: there is no \"verdickt\" in objectives.rows[]; did you mean \"verdict\"?", Assert.Single(TemplateCheck.Reports(TemplateFolder.At(folder.Path))).Message);
    }

    [Fact]
    public void Reports_PartialThatNothingCalls_IsFound()
    {
        var file = folder.Write("partials/objctives.hbs", "mine");

        Assert.Equal(
            $"{file}:1:1: no template calls a partial of this name; did you mean \"objectives\"?", Assert.Single(TemplateCheck.Reports(TemplateFolder.At(folder.Path))).Message);
    }

    [Fact]
    public void Playbooks_WrongName_IsFound()
    {
        folder.Write("flood.md.hbs", "# Flood\n{{names.nodes}} {{#each times.recovery.by}}{{medien}}{{/each}} {{times.steps.podKill.by}}");

        Assert.EndsWith(
            "flood.md.hbs:2:46: there is no \"medien\" in times.recovery.by[]; did you mean \"median\"?",
            Assert.Single(TemplateCheck.Playbooks(TemplateFolder.PlaybooksAt(folder.Path))).Message, StringComparison.Ordinal);
    }

    // A page is a template's own text, too: nothing in it may run, load or lead away by itself.
    [Theory]
    [InlineData("<script>fetch('https://evil.example')</script>", "<script")]
    [InlineData("<SCRIPT src=//evil.example></SCRIPT>", "<SCRIPT")]
    [InlineData("<link rel=\"preconnect\" href=\"https://evil.example\" />", "<link")]
    [InlineData("<meta http-equiv=\"refresh\" content=\"0;url=https://evil.example\" />", "<meta")]
    [InlineData("<meta name=\"x\" content=\">\" http-equiv=\"refresh\" />", "<meta")]
    [InlineData("<base href=\"https://evil.example\" />", "<base")]
    [InlineData("<iframe src=\"https://evil.example\"></iframe>", "<iframe")]
    [InlineData("<form action=\"https://evil.example\"></form>", "<form")]
    public void Reports_PageThatWouldReachOut_IsRefusedWithItsPlace(string element, string found)
    {
        var file = folder.Write("postmortem.html.hbs", "<!DOCTYPE html>\n<html lang=\"en\">\n<head></head><body>\n " + element + "</body></html>");

        var fault = Assert.Single(TemplateCheck.Reports(TemplateFolder.At(folder.Path)));

        Assert.StartsWith($"{file}:4:2: \"{found}\" is not allowed", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html><body>{{head.id}}</body></html>")]
    [InlineData("<!-- <!DOCTYPE html><html><head> -->{{head.id}}")]
    [InlineData("<p><!DOCTYPE html><html><head></p>")]
    [InlineData("<!DOCTYPE html><html manifest=\">\"><head>")]
    public void Reports_PageWithoutAHeadForThePolicy_IsRefused(string template)
    {
        folder.Write("postmortem.html.hbs", template);

        Assert.Contains("the page must begin with <!DOCTYPE html>", Assert.Single(TemplateCheck.Reports(TemplateFolder.At(folder.Path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{{head.reason}}}")]
    [InlineData("{{#with head}}{{{reason}}}{{/with}}")]
    [InlineData("{{{lookup head \"reason\"}}}")]
    [InlineData("{{#each head}}{{{this}}}{{/each}}")]
    [InlineData("<a title={{{head.reason}}}>")]
    [InlineData("{{{chart.text}}}{{{head.source.text}}}{{{head.source.fence}}}")]
    public void Html_ThreeBracesAroundAHostileValue_StayText(string template)
    {
        folder.Write("postmortem.html.hbs", "<!DOCTYPE html><html><head></head><body>" + template + "</body></html>");
        var (record, judgement) = Gallery.Pass();
        const string Evil = "</code></pre><b onclick=alert(1)>";
        record = record with { Header = record.Header with { Source = record.Header.Source with { Text = Evil } } };

        var page = PostMortem.Html(record, judgement with { Reason = Evil }, TemplateFolder.At(folder.Path));

        Assert.Contains("&lt;b onclick=alert(1)&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b onclick", page, StringComparison.Ordinal);
    }

    // Each would go on for ever, or for longer than anybody waits, without writing a character.
    [Theory]
    [InlineData("{{> loop}}", "{{> loop}}", "the partial \"loop\" calls itself")]
    [InlineData("{{> loop}}", "{{#each head.facts}}{{> mine}}{{/each}}", "the partial \"mine\" calls itself")]
    [InlineData("{{#each @root.events.rows}}{{#each @root.events.rows}}{{#each @root.events.rows}}{{#each @root.events.rows}}{{/each}}{{/each}}{{/each}}{{/each}}", "", "goes through its lists without end")]
    [InlineData("{{#each @root.head}}{{#each @root.head}}{{#each @root.head}}{{#each @root.head}}{{#each @root.head}}{{#each @root.head}}{{/each}}{{/each}}{{/each}}{{/each}}{{/each}}{{/each}}", "", "goes through its lists without end")]
    [InlineData("{{&head.id}}", "", "is not part of this language")]
    [InlineData("{{#*inline \"x\"}}{{> x}}{{/inline}}{{> x}}", "", "is not part of this language")]
    [InlineData("{{#> loop}}{{> @partial-block}}{{/loop}}", "", "is not part of this language")]
    public void Reports_TemplateWithoutEnd_IsStopped(string mine, string loop, string what)
    {
        folder.Write("postmortem.md.hbs", "{{> mine}}");
        folder.Write("partials/mine.hbs", mine);
        folder.Write("partials/loop.hbs", loop);

        Assert.Contains(what, TemplateCheck.Reports(TemplateFolder.At(folder.Path))[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_PartialsThatMultiply_AreRefused()
    {
        folder.Write("postmortem.md.hbs", "{{> p0}}");
        for (var i = 0; i < 30; i++)
        {
            folder.Write($"partials/p{i}.hbs", $"{{{{> p{i + 1}}}}}{{{{> p{i + 1}}}}}");
        }

        folder.Write("partials/p30.hbs", "");

        Assert.Contains("partials call partials more than 10,000 times", TemplateCheck.Reports(TemplateFolder.At(folder.Path))[0].Message, StringComparison.Ordinal);
    }

    // Whatever a template tries: no file, no variable of the environment, no object, no other drill.
    [Theory]
    [InlineData("{{> ../../../../etc/passwd}}")]
    [InlineData("{{> partials/../postmortem.md}}")]
    [InlineData("{{include \"/etc/passwd\"}}")]
    [InlineData("{{env.HOME}}{{process.env.HOME}}{{@root.constructor}}{{__proto__}}")]
    [InlineData("{{lookup head \"GetType\"}}{{lookup (lookup head \"reason\") \"Length\"}}")]
    [InlineData("{{#with head}}{{this.GetType.Assembly.CodeBase}}{{/with}}")]
    public void Reports_TemplateThatReachesOutside_GetsNothing(string template)
    {
        folder.Write("postmortem.md.hbs", "begin " + template + " end");
        var (record, judgement) = Gallery.Pass();
        string text;
        try
        {
            text = PostMortem.Markdown(record, judgement, TemplateFolder.At(folder.Path));
        }
        catch (TemplateException refused)
        {
            text = refused.Message;
        }

        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.GetEnvironmentVariable("HOME") ?? "/root", text.Replace(folder.Path, "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain(".dll", text, StringComparison.Ordinal);
    }
}
