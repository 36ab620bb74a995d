using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ChaosDrill.Model.Tests;

public sealed class RatioTests
{
    [Theory]
    [InlineData("0%", 0)]
    [InlineData("34%", 0.34)]
    [InlineData("99.9%", 0.999)]
    [InlineData("99.95%", 0.9995)]
    [InlineData("100%", 1)]
    [InlineData("100.000%", 1)]
    [InlineData("0.1%", 0.001)]
    [InlineData(".5%", 0.005)]
    [InlineData("007%", 0.07)]
    public void TryParse_Percentage_IsTheNearestDouble(string text, double expected)
    {
        Assert.True(Ratio.TryParse(text, out var ratio));
        Assert.Equal(expected, ratio.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData(".%")]
    [InlineData("50")]
    [InlineData("0.5")]
    [InlineData("-1%")]
    [InlineData("+1%")]
    [InlineData("100.1%")]
    [InlineData("101%")]
    [InlineData("1e1%")]
    [InlineData("1,5%")]
    [InlineData("1.2.3%")]
    [InlineData(" 5%")]
    [InlineData("5 %")]
    [InlineData("5% ")]
    [InlineData("5%%")]
    [InlineData("5\0%")]
    [InlineData("٥%")]
    [InlineData("NaN%")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Ratio.TryParse(text, out _));

    [Fact]
    public void TryParse_WhatWasWritten_IsTheSame() =>
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), tenThousandths =>
        {
            var ratio = new Ratio((double)(tenThousandths / 1_000_000m));
            return Ratio.TryParse(ratio.ToString(), out var back) && back == ratio;
        }).QuickCheckThrowOnFailure();

    /// <summary>An objective of k of n, written exactly, is met by exactly k good samples of n.</summary>
    [Fact]
    public void TryParse_ShareOfAThousand_IsMetByThatMany() =>
        Prop.ForAll(Gen.Choose(0, 1000).ToArbitrary(), good =>
            Ratio.TryParse($"{good / 10m}%", out var limit) && (double)good / 1000 >= limit.Value && (double)(good - 1) / 1000 < limit.Value).QuickCheckThrowOnFailure();

    [Fact]
    public void TryParse_AnyText_GivesAShareOrNothing() =>
        Prop.ForAll(Gen.Elements("0123456789.%-+e \0".ToCharArray()).ArrayOf().ToArbitrary(), characters =>
            !Ratio.TryParse(new string(characters), out var ratio) || ratio.Value is >= 0 and <= 1).QuickCheckThrowOnFailure();

    [Fact]
    public void Json_WritesAndReadsThePercentage()
    {
        Assert.Equal("\"99.5%\"", JsonSerializer.Serialize(new Ratio(0.995)));
        Assert.Equal(new Ratio(0.995), JsonSerializer.Deserialize<Ratio>("\"99.5%\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Ratio>("\"99.5\""));
    }
}
