using System.Xml.Linq;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class JUnitTests
{
    [Theory]
    [InlineData("pass", 0, 0, 0)]
    [InlineData("fail", 3, 0, 0)]
    [InlineData("inconclusive", 0, 4, 0)]
    [InlineData("aborted", 3, 2, 0)]
    [InlineData("refused", 0, 1, 3)]
    [InlineData("died", 0, 4, 0)]
    public void Xml_OfEachSort_IsGreenOnlyForAPass(string sort, int failures, int errors, int skipped)
    {
        var (record, judgement) = Gallery.All[sort];

        var suite = XDocument.Parse(JUnit.Xml(record, judgement)).Root!.Element("testsuite")!;

        Assert.Equal((failures, errors, skipped), ((int)suite.Attribute("failures")!, (int)suite.Attribute("errors")!, (int)suite.Attribute("skipped")!));
        Assert.Equal((int)suite.Attribute("tests")!, suite.Elements("testcase").Count());
        Assert.Equal(errors, suite.Descendants("error").Count());
        Assert.Equal(sort == "pass", failures + errors == 0);
    }

    [Fact]
    public void Xml_HostileText_IsValidAndWithoutControlCharacters()
    {
        const string Hostile = "a\u0000b\u001B[31m ]]> <x a=\"1\"> & \uFFFE \uD800 é";
        var (record, judgement) = Gallery.Fail();
        record = record with { Header = record.Header with { Scenario = Hostile, Labels = new Dictionary<string, string> { [Hostile] = Hostile } } };
        judgement = judgement with { Reason = Hostile, Objectives = [.. judgement.Objectives.Select(o => o with { Reason = Hostile })] };

        var xml = JUnit.Xml(record, judgement);

        var failure = XDocument.Parse(xml).Descendants("failure").First();
        Assert.Equal("a\uFFFDb\uFFFD[31m ]]> <x a=\"1\"> & \uFFFD \uFFFD é", failure.Attribute("message")!.Value);
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>", xml, StringComparison.Ordinal);
    }
}
