using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ChaosDrill.Model.Tests;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("100ns", 1)]
    [InlineData("1us", 10)]
    [InlineData("1\u00b5s", 10)]
    [InlineData("1\u03bcs", 10)]
    [InlineData("500ms", 5_000_000)]
    [InlineData("1s", 10_000_000)]
    [InlineData("1.5s", 15_000_000)]
    [InlineData(".5s", 5_000_000)]
    [InlineData("1.s", 10_000_000)]
    [InlineData("1m", 600_000_000)]
    [InlineData("1h30m", 54_000_000_000)]
    [InlineData("30m1h", 54_000_000_000)]
    [InlineData("1m1m", 1_200_000_000)]
    [InlineData("1h0m0.0000001s", 36_000_000_001)]
    [InlineData("0.1s", 1_000_000)]
    [InlineData("87600h", 3_153_600_000_000_000)]
    public void TryParse_Duration_IsExactToTheTick(string text, long ticks)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(ticks, duration.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("00")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1..5s")]
    [InlineData("1d")]
    [InlineData("1S")]
    [InlineData("1 s")]
    [InlineData(" 1s")]
    [InlineData("1s ")]
    [InlineData("1s2")]
    [InlineData("1e3s")]
    [InlineData("1\0s")]
    [InlineData("1min")]
    [InlineData("1,5s")]
    [InlineData("٣s")]
    [InlineData("88000h")]
    [InlineData("99999999999999999999999999999999s")]
    [InlineData("1000000000000h1000000000000h1000000000000h1000000000000h")]
    [InlineData("0.00000000000000000000000000000000000000000000000000000000000001s")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "0.1us")]
    [InlineData(10, "1us")]
    [InlineData(2_500_000, "250ms")]
    [InlineData(5_000, "500us")]
    [InlineData(10_000_000, "1s")]
    [InlineData(625_000_000, "1m2.5s")]
    [InlineData(600_000_000, "1m")]
    [InlineData(54_000_000_000, "1h30m")]
    [InlineData(36_010_000_000, "1h1s")]
    [InlineData(900_000_000_000, "25h")]
    [InlineData(-10_000_000, "-1s")]
    public void Format_Duration_IsAsGoWritesItWithoutEmptyUnits(long ticks, string expected) =>
        Assert.Equal(expected, GoDuration.Format(new TimeSpan(ticks)));

    [Fact]
    public void TryParse_WhatWasFormatted_IsTheSame()
    {
        // Small and large spans alike.
        var ticks = Gen.Choose(0, int.MaxValue).SelectMany(n => Gen.Choose(0, 17).Select(shift => Math.Min((long)n << shift, TimeSpan.TicksPerDay * 3653)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(ticks.ToArbitrary(), t =>
            GoDuration.TryParse(GoDuration.Format(new TimeSpan(t)), out var back) && back.Ticks == t));
    }

    [Fact]
    public void TryParse_AnyText_GivesADurationUpToTenYearsOrNothing() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(Gen.Elements("0", "1", "9", ".", "ns", "us", "ms", "s", "m", "h", " ", "-", "99999999").ArrayOf().ToArbitrary(), parts =>
                !GoDuration.TryParse(string.Concat(parts), out var duration) || (duration >= TimeSpan.Zero && duration <= TimeSpan.FromDays(3653))));
}
