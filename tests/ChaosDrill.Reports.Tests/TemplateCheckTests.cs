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
