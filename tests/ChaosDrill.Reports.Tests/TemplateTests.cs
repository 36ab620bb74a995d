using ChaosDrill.Reports.Templates;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class TemplateTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Markdown_UserTemplate_ReplacesTheShippedOne()
    {
        folder.Write("postmortem.md.hbs", "{{head.headline}}: {{head.reason}}");

        Assert.Equal("Pass: 3 of 3 objectives were met and the steady state holds again.", Render());
    }

    [Fact]
    public void Html_UserPartial_ReplacesOneAndKeepsTheRest()
    {
        folder.Write("partials/fill-in.hbs", "<section id=\"fill-in\"><h2>Our own questions</h2></section>");
        var (record, judgement) = Gallery.Pass();

        var page = PostMortem.Html(record, judgement, TemplateFolder.At(folder.Path));

        Assert.Contains("<h2>Our own questions</h2>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Contributing factors", page, StringComparison.Ordinal);
        Assert.Contains("id=\"objectives\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_UserPartialOfANewName_CanBeUsed()
    {
        folder.Write("postmortem.md.hbs", "{{> mine}}");
        folder.Write("partials/mine.hbs", "seed of {{head.outcome}}");

        Assert.Equal("seed of pass", Render());
    }

    [Fact]
    public void At_NoFolder_SaysWhereTheShippedOnesAre()
    {
        var missing = Path.Combine(folder.Path, "nowhere");

        var failure = Assert.Throws<TemplateException>(() => TemplateFolder.At(missing));

        Assert.StartsWith($"{missing}: there is no such folder of templates. Copy the shipped ones from ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void At_MisspeltTemplate_ListsTheNames()
    {
        var file = folder.Write("post-mortem.md.hbs", "x");

        var failure = Assert.Throws<TemplateException>(() => TemplateFolder.At(folder.Path));

        Assert.Equal($"{file}: no document is made from a template of this name. The names are postmortem.html.hbs, postmortem.md.hbs.", failure.Message);
    }

    [Theory]
    [InlineData("one\ntwo {{#if head.isPass}} never closed\n")]
    [InlineData("one\n{{/if}}\n")]
    [InlineData("one\n{{#if}}x{{/if}}")]
    [InlineData("{{> not-there}}")]
    [InlineData("{{shout head.id}}")]
    [InlineData("{{")]
    public void Markdown_MistakeInTheTemplate_NamesTheFileInOneLine(string template)
    {
        var file = folder.Write("postmortem.md.hbs", template);

        var failure = Assert.Throws<TemplateException>(Render);

        Assert.StartsWith(file + ":", failure.Message, StringComparison.Ordinal);
        Assert.Equal(file, failure.File);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Theory]
    [InlineData("one\n  {{#if head.isPass}}\n{{/each}}", 3, 1, "{{/each}} closes nothing that is open; {{#if}} of line 2 is.")]
    [InlineData("one\n  {{#if head.isPass}} {{!-- {{/if}} --}}", 2, 3, "{{#if}} is never closed; add {{/if}}.")]
    [InlineData("{{/if}}", 1, 1, "{{/if}} closes nothing that is open.")]
    [InlineData("a\n {{#if}}", 2, 2, "{{#if}} is never closed; add {{/if}}.")]
    public void Markdown_BlocksThatDoNotMatch_GiveLineAndColumn(string template, int line, int column, string what)
    {
        var file = folder.Write("postmortem.md.hbs", template);

        var failure = Assert.Throws<TemplateException>(Render);

        Assert.Equal($"{file}:{line}:{column}: {what}", failure.Message);
        Assert.Equal((line, column), (failure.Line!.Value, failure.Column!.Value));
    }

    [Fact]
    public void Markdown_TooLarge_IsRefused()
    {
        folder.Write("postmortem.md.hbs", new string('x', 300_000));

        Assert.Contains("300,000 bytes; at most 262,144 are allowed", Assert.Throws<TemplateException>(Render).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_NestedTooDeep_IsRefusedBeforeItIsCompiled()
    {
        folder.Write("postmortem.md.hbs", "\n" + string.Concat(Enumerable.Repeat("{{#if head}}", 5_000)));

        var failure = Assert.Throws<TemplateException>(Render);

        Assert.Contains(":2:601: blocks are nested more than 50 deep", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_EndlessOutput_IsStopped()
    {
        var loops = string.Concat(Enumerable.Repeat("{{#each @root.events.rows}}", 8));
        folder.Write("postmortem.md.hbs", loops + new string('x', 1000) + string.Concat(Enumerable.Repeat("{{/each}}", 8)));

        Assert.Contains("the document would be longer than 20,000,000 characters", Assert.Throws<TemplateException>(Render).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_PartialThatCallsItself_IsStopped()
    {
        folder.Write("postmortem.md.hbs", "{{> loop}}");
        folder.Write("partials/loop.hbs", "x{{> loop}}");

        Assert.Throws<TemplateException>(Render);
    }

    [Theory]
    [InlineData("{{head.GetType}}")]
    [InlineData("{{head.Count}}")]
    [InlineData("{{head.Comparer}}")]
    [InlineData("{{head.reason.GetType.Assembly.Location}}")]
    [InlineData("{{#each head.facts}}{{Keys}}{{Values}}{{/each}}")]
    [InlineData("{{events.body.WriteTo}}{{events.body.write}}{{lookup events.body \"Target\"}}")]
    [InlineData("{{events.rows.GetType.FullName}}")]
    public void Markdown_TemplateThatReachesForObjects_GetsNothing(string template)
    {
        folder.Write("postmortem.md.hbs", "[" + template + "]");

        Assert.Equal("[]", Render());
    }

    private string Render()
    {
        var (record, judgement) = Gallery.Pass();
        return PostMortem.Markdown(record, judgement, TemplateFolder.At(folder.Path));
    }
}
