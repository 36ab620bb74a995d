using System.Text.Json;
using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class DrillDocumentTests
{
    public static TheoryData<string> Sorts => [.. Gallery.All.Keys];

    [Theory]
    [MemberData(nameof(Sorts))]
    public void Json_OfEachSort_ComesBackAsItWas(string sort)
    {
        var (record, judgement) = Gallery.All[sort];

        var (readRecord, readJudgement) = DrillDocument.Parse(DrillDocument.Json(record, judgement));

        Assert.Equal(record.Timeline, readRecord.Timeline);
        Assert.Equal(Text(record), Text(readRecord));
        Assert.Equal(JsonSerializer.Serialize(judgement, DrillJson.Default.Judgement), JsonSerializer.Serialize(readJudgement, DrillJson.Default.Judgement));
    }

    [Fact]
    public void Json_OfADrill_SaysItsFormAndHasOneEntryALine()
    {
        var (record, judgement) = Gallery.Pass();

        var lines = DrillDocument.Json(record, judgement).Split('\n');

        Assert.Equal(["{", "  \"apiVersion\": \"chaosdrill.dev/v1\",", "  \"kind\": \"Drill\","], lines[..3]);
        Assert.Equal(record.Timeline.Count, lines.Count(l => l.StartsWith("    {\"sequence\":", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"apiVersion\":\"chaosdrill.dev/v9\",\"kind\":\"Drill\"}")]
    [InlineData("not json")]
    public void Parse_SomethingElse_IsRefused(string json) => Assert.ThrowsAny<JsonException>(() => DrillDocument.Parse(json));

    private static string Text(DrillRecord record) => JsonSerializer.Serialize(record, DrillJson.Default.DrillRecord);
}
