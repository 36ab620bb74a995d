using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Model.Tests.Scenarios;

public sealed class ComparisonTests
{
    [Theory]
    [InlineData("< 0.01", "< 0.01")]
    [InlineData("<=1e-3", "<= 0.001")]
    [InlineData(">  -5", "> -5")]
    [InlineData("== 0", "== 0")]
    [InlineData("!= 7.50", "!= 7.5")]
    [InlineData(">= 99.9%", ">= 0.999")]
    public void TryParse_Comparison_IsReadAndWritten(string text, string written)
    {
        Assert.True(Comparison.TryParse(text, out var comparison));
        Assert.Equal(written, comparison.ToString());
        Assert.True(Comparison.TryParse(written, out var again));
        Assert.Equal(comparison, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.01")]
    [InlineData("<")]
    [InlineData("= 1")]
    [InlineData("=< 1")]
    [InlineData("< one")]
    [InlineData("< NaN")]
    [InlineData("< 1e999")]
    [InlineData("< 5\0")]
    [InlineData("< 1,5")]
    [InlineData("< 0x1")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Comparison.TryParse(text, out _));

    [Theory]
    [InlineData("< 2", 1.0, 1.9, true, false)]
    [InlineData("< 2", 1.0, 2.0, false, false)]
    [InlineData("< 2", 2.0, 2.0, false, true)]
    [InlineData("<= 2", 2.0, 2.0, true, false)]
    [InlineData("<= 2", 2.1, null, false, true)]
    [InlineData("<= 2", 1.9, null, false, false)]
    [InlineData("> 2", 2.1, null, true, false)]
    [InlineData("> 2", 1.0, 2.0, false, true)]
    [InlineData(">= 2", 2.0, 3.0, true, false)]
    [InlineData("== 2", 2.0, 2.0, true, false)]
    [InlineData("== 2", 1.9, 2.1, false, false)]
    [InlineData("== 2", 2.1, 2.2, false, true)]
    [InlineData("!= 2", 2.1, 2.2, true, false)]
    [InlineData("!= 2", 2.0, 2.0, false, true)]
    [InlineData("< 2", null, null, false, false)]
    [InlineData("!= 2", null, null, false, false)]
    public void Judged_ByTheWholeUncertainty(string text, double? low, double? high, bool met, bool missed)
    {
        Assert.True(Comparison.TryParse(text, out var comparison));
        var value = new MeasuredValue(0, low, low, high, null);

        Assert.Equal((met, missed), (comparison.IsMetBy(value), comparison.IsMissedBy(value)));
    }
}
