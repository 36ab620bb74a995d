using ChaosDrill.Reports.Wording;
using Xunit;

namespace ChaosDrill.Reports.Tests;

public sealed class PlainTests
{
    [Theory]
    [InlineData("Authorization: Bearer abcdef0123456789", "Authorization: [redacted]")]
    [InlineData("call failed with bearer abcdef0123456789 today", "call failed with bearer [redacted] today")]
    [InlineData("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "got [redacted]")]
    [InlineData("https://user:hunter2@db.example/x", "https://[redacted]@db.example/x")]
    [InlineData("DB_PASSWORD=hunter2 next", "DB_PASSWORD=[redacted] next")]
    [InlineData("\"token\": \"s3cr3t value\"", "\"token\": [redacted]")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- tail", "[redacted] tail")]
    [InlineData("mode: one, gracePeriod: 0s", "mode: one, gracePeriod: 0s")]
    [InlineData("secrets are out of scope", "secrets are out of scope")]
    public void Line_WithASecret_HidesIt(string text, string shown) => Assert.Equal(shown, Plain.Line(text));

    [Fact]
    public void Line_ControlCharactersAndBidiOverrides_BecomeVisible() =>
        Assert.Equal("a\uFFFDb\uFFFDc d\uFFFD", Plain.Line("a\u0000b\u202Ec\r\n\td\uD800"));

    [Fact]
    public void Line_TooLong_IsCutAndSaysSo()
    {
        var line = Plain.Line(new string('x', 10_000));

        Assert.EndsWith("… (cut)", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 500, 520);
    }

    [Fact]
    public void Block_KeepsItsLines() => Assert.Equal("a\n\tb\nc", Plain.Block("a\r\n\tb\rc\n\n"));
}
