using ChaosDrill.Engine.Scenarios.Checks;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

public sealed class CronSyntaxTests
{
    [Theory]
    [InlineData("0 3 * * *")]
    [InlineData("*/5 * * * *")]
    [InlineData("0,30 8-18 * * 1-5")]
    [InlineData("0 0 1,15 JAN-mar/2 *")]
    [InlineData("59 23 31 12 7")]
    [InlineData("0 0 29 2 *")]
    [InlineData("0 0 30 2 MON")]
    [InlineData("0  3\t* * sun")]
    [InlineData("0-59/15 */2 * * *")]
    public void Check_GoodExpression_FindsNothing(string cron) => Assert.Null(CronSyntax.Check(cron));

    [Theory]
    [InlineData("", "found \"\", cron has five fields and not 0; write minute, hour, day of month, month and day of week, such as \"0 3 * * *\"")]
    [InlineData("0 3 * *", "found \"0 3 * *\", cron has five fields and not 4; write minute, hour, day of month, month and day of week, such as \"0 3 * * *\"")]
    [InlineData("0 0 3 * * ?", "found \"0 0 3 * * ?\", cron has five fields and not 6; leave out the seconds and the year")]
    [InlineData("@daily", "found \"@daily\", cron is written as five fields; write \"0 0 * * *\"")]
    [InlineData("60 3 * * *", "found \"60 3 * * *\", minute \"60\" is out of range; allowed: 0 to 59, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0 24 * * *", "found \"0 24 * * *\", hour \"24\" is out of range; allowed: 0 to 23, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0 3 0 * *", "found \"0 3 0 * *\", day of month \"0\" is out of range; allowed: 1 to 31, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0 3 * 13 *", "found \"0 3 * 13 *\", month \"13\" is out of range; allowed: 1 to 12 or JAN to DEC, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0 3 * * 8", "found \"0 3 * * 8\", day of week \"8\" is out of range; allowed: 0 to 7 or SUN to SAT, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0 18-8 * * *", "found \"0 18-8 * * *\", hour \"18-8\" ends before it begins; allowed: 0 to 23, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("*/0 * * * *", "found \"*/0 * * * *\", minute \"*/0\" has no step of 1 or more; allowed: 0 to 59, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("5/10 * * * *", "found \"5/10 * * * *\", minute \"5/10\" has a step but no range; allowed: 0 to 59, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0 3 L * *", "found \"0 3 L * *\", day of month \"L\" cannot be read; allowed: 1 to 31, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0,,5 3 * * *", "found \"0,,5 3 * * *\", minute \"\" cannot be read; allowed: 0 to 59, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("-5 3 * * *", "found \"-5 3 * * *\", minute \"-5\" cannot be read; allowed: 0 to 59, *, ranges a-b, lists a,b, and steps */n or a-b/n")]
    [InlineData("0 0 30 2 *", "found \"0 0 30 2 *\", that day never comes; choose a day that its month has")]
    [InlineData("0 0 31 4,6 *", "found \"0 0 31 4,6 *\", that day never comes; choose a day that its month has")]
    public void Check_BadExpression_SaysWhichFieldAndWhatIsAllowed(string cron, string expected)
    {
        var (message, mend) = Assert.NotNull(CronSyntax.Check(cron));
        Assert.Equal(expected, $"{message}; {mend}");
    }
}
