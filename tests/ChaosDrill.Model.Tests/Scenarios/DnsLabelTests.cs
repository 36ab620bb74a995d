using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Model.Tests.Scenarios;

public sealed class DnsLabelTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("0", true)]
    [InlineData("shop-2", true)]
    [InlineData("a--b", true)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("A", false)]
    [InlineData("a.b", false)]
    [InlineData("a_b", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    [InlineData("a\n", false)]
    public void IsLabel_FollowsRfc1123(string text, bool expected) => Assert.Equal(expected, DnsLabelAttribute.IsLabel(text));

    [Fact]
    public void IsLabel_SixtyThreeCharacters_AreTheMost()
    {
        Assert.True(DnsLabelAttribute.IsLabel(new string('a', 63)));
        Assert.False(DnsLabelAttribute.IsLabel(new string('a', 64)));
    }
}
