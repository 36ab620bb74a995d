using ChaosDrill.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ChaosDrill.Model.Tests.Scenarios;

public sealed class AmountTests
{
    [Theory]
    [InlineData("0", 0, null)]
    [InlineData("2", 2, null)]
    [InlineData("2147483647", int.MaxValue, null)]
    [InlineData("34%", null, 0.34)]
    public void TryParse_NumberOrPercentage_IsRead(string text, int? count, double? share)
    {
        Assert.True(Amount.TryParse(text, out var amount));
        Assert.Equal(new Amount(count, share is { } s ? new Ratio(s) : null), amount);
        Assert.Equal(text, amount.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("1 ")]
    [InlineData("1\0")]
    [InlineData("0x2")]
    [InlineData("2147483648")]
    [InlineData("101%")]
    [InlineData("some")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Amount.TryParse(text, out _));

    [Theory]
    [InlineData("34%", 3, 1)]
    [InlineData("33%", 3, 0)]
    [InlineData("50%", 3, 1)]
    [InlineData("100%", 3, 3)]
    [InlineData("0%", 3, 0)]
    [InlineData("10%", 10, 1)]
    [InlineData("29%", 100, 29)]
    [InlineData("2", 3, 2)]
    [InlineData("5", 3, 5)]
    [InlineData("50%", 0, 0)]
    public void LimitOf_Total_RoundsDown(string text, int total, int expected)
    {
        Assert.True(Amount.TryParse(text, out var amount));
        Assert.Equal(expected, amount.LimitOf(total));
    }

    /// <summary>Whole percents of whole numbers, against integer arithmetic: the limit is never one too high or too low.</summary>
    [Fact]
    public void LimitOf_AnyPercentage_IsExactlyRoundedDown() =>
        Prop.ForAll(Gen.Choose(0, 100).ToArbitrary(), Gen.Choose(0, 100_000).ToArbitrary(), (percent, total) =>
            Amount.TryParse($"{percent}%", out var amount) && amount.LimitOf(total) == (long)percent * total / 100).QuickCheckThrowOnFailure();
}
