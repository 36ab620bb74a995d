using ChaosDrill.Reports.Documents;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class HumanPartsTests
{
    private const string Fresh = "# A\n<!-- fill-in: owner -->\n*to fill in*\n<!-- /fill-in -->\nfacts\n<!-- fill-in: notes -->\n<!-- /fill-in -->\n";

    [Fact]
    public void Keep_PartFilledIn_SurvivesWithItsMarkdown()
    {
        var filled = Fresh.Replace("*to fill in*", "Ada\n\n- a list\n```sh\n# code\n```", StringComparison.Ordinal);

        Assert.Equal(filled, HumanParts.Keep(Fresh, HumanParts.Of(filled)));
    }

    [Fact]
    public void Keep_PartThatTheNewFormLacks_IsPutAtTheEnd()
    {
        var kept = HumanParts.Keep("# B\n", HumanParts.Of(Fresh.Replace("*to fill in*", "Ada", StringComparison.Ordinal)));

        Assert.Equal("# B\n\n## Kept from an earlier version: owner\n\n<!-- fill-in: owner -->\nAda\n<!-- /fill-in -->\n", kept);
    }

    [Fact]
    public void Keep_Again_ChangesNothing()
    {
        var once = HumanParts.Keep("# B\n", HumanParts.Of(Fresh));

        Assert.Equal(once, HumanParts.Keep("# B\n", HumanParts.Of(once)));
    }

    [Fact]
    public void Of_MarksInACodeFence_AreText() =>
        Assert.Empty(HumanParts.Of("````yaml\n<!-- fill-in: owner -->\n```\n<!-- /fill-in -->\n````\n"));

    [Theory]
    [InlineData("a\n<!-- fill-in: owner -->\ntext\n", "line 2: the part \"owner\" is never closed with <!-- /fill-in -->")]
    [InlineData("<!-- /fill-in -->\n", "line 1: this closes no part")]
    [InlineData("<!-- fill-in: a -->\n<!-- fill-in: b -->\n", "line 2: the part \"a\" of line 1 is not closed before the next begins")]
    [InlineData("<!-- fill-in: a -->\n<!-- /fill-in -->\n<!-- fill-in: a -->\n", "line 3: there are two parts \"a\"")]
    public void Of_BrokenMarks_IsRefusedWithTheLine(string document, string message) =>
        Assert.Equal(message, Assert.Throws<ReportException>(() => HumanParts.Of(document)).Message);
}
