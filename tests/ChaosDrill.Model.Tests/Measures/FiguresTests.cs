using ChaosDrill.Model.Measures;
using Xunit;

namespace ChaosDrill.Model.Tests.Measures;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.0034, "3.4 ms")]
    [InlineData(0.312, "312 ms")]
    [InlineData(0.9996, "1.00 s")]
    [InlineData(3.214, "3.21 s")]
    [InlineData(12.87, "12.9 s")]
    [InlineData(59.97, "1 min 0.0 s")]
    [InlineData(63.54, "1 min 3.5 s")]
    [InlineData(3723, "1 h 2 min 3 s")]
    public void Seconds_OfAnySize_HaveThreeDigitsThatMatter(double seconds, string text) => Assert.Equal(text, Figures.Seconds(seconds));

    [Theory]
    [InlineData(30.04, 30, "30.04 s")]
    [InlineData(29.96, 30, "29.96 s")]
    [InlineData(30, 30, "30.0 s")]
    [InlineData(2.0004, 2, "2.0004 s")]
    public void Seconds_NearTheLimit_StayOnTheirSide(double seconds, double limit, string text) => Assert.Equal(text, Figures.Seconds(seconds, limit));

    [Theory]
    [InlineData(1, "100%")]
    [InlineData(0, "0%")]
    [InlineData(0.9995, "99.95%")]
    [InlineData(0.99996, "99.996%")]
    [InlineData(0.9999999, "99.99999%")]
    [InlineData(0.00001, "0.001%")]
    [InlineData(0.98732, "98.73%")]
    [InlineData(0.5, "50%")]
    public void Share_BelowOne_IsNeverWrittenAsHundredPercent(double share, string text) => Assert.Equal(text, Figures.Share(share));

    [Theory]
    [InlineData(0.994999, 0.995, "99.4999%")]
    [InlineData(0.995, 0.995, "99.5%")]
    public void Share_NearTheLimit_StaysOnItsSide(double share, double limit, string text) => Assert.Equal(text, Figures.Share(share, limit));

    [Fact]
    public void Estimate_WithBounds_SharesTheUnitAndRoundsOutwards()
    {
        Assert.Equal("3.21 s (3.19 to 3.25 s)", Seconds(3.21, 3.194, 3.246));
        Assert.Equal("3.214 s (3.202 to 3.218 s)", Seconds(3.214, 3.202, 3.218));
        Assert.Equal("300 ms (200 to 400 ms)", Seconds(0.3, 0.2, 0.4));
        Assert.Equal("1.004 s (995 ms to 1.011 s)", Seconds(1.004, 0.995, 1.011));
        Assert.Equal("1 min 3.5 s (1 min 3.4 s to 1 min 3.7 s)", Seconds(63.5, 63.41, 63.61));
        Assert.Equal("200 ms (95 ms to 2.505 s)", Seconds(0.2, 0.0955, 2.5049));
        Assert.Equal("50 ms (0 s to 100 ms)", Seconds(0.05, 0, 0.1));
        Assert.Equal("3.21 s", Seconds(3.21, 3.21, 3.21));
        Assert.Equal("99.88% (85.5% to 99.96%)", Figures.Estimate(MeasureUnit.Share, new MeasuredValue(1, 0.9988, 0.855, 0.99951, null)));
    }

    [Fact]
    public void Estimate_UpperBoundJustBelowAll_IsNotHundredPercent() =>
        Assert.Equal("99.9% (99.8% to 99.9991%)", Figures.Estimate(MeasureUnit.Share, new MeasuredValue(1, 0.999, 0.998, 0.999991, null)));

    [Fact]
    public void Estimate_Unbounded_IsALeastValueRoundedDown() =>
        Assert.Equal("at least 20.2 s", Figures.Estimate(MeasureUnit.Seconds, new MeasuredValue(1, 20.29, 20.29, null, "still down")));

    [Fact]
    public void Estimate_Nothing_IsNotKnown() =>
        Assert.Equal("not known", Figures.Estimate(MeasureUnit.Seconds, MeasuredValue.Unknown(1, "no data")));

    [Theory]
    [InlineData(-0.043, "−0.043 s")]
    [InlineData(3.2144, "+3.214 s")]
    [InlineData(62.3456, "+1:02.346")]
    [InlineData(3602.3456, "+1:00:02.346")]
    [InlineData(59.9999, "+1:00.000")]
    public void Since_OfAnySize_HasMilliseconds(double seconds, string text) => Assert.Equal(text, Figures.Since(TimeSpan.FromSeconds(seconds)));

    private static string Seconds(double value, double low, double high) =>
        Figures.Estimate(MeasureUnit.Seconds, new MeasuredValue(1, value, low, high, null));
}
