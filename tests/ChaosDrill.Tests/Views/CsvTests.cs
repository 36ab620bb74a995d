using ChaosDrill.Views;

namespace ChaosDrill.Tests.Views;

public sealed class CsvTests
{
    [Fact]
    public void Of_HostileCells_StayCellsAndAreNoFormulas() => Assert.Equal(
        "a,b\r\n\"say \"\"no\"\", twice\",\"two\nlines\"\r\n'=HYPERLINK(1),'@x\r\n,true\r\n-0.5,infinite\r\n",
        Csv.Of(["a", "b"], [["say \"no\", twice", "two\nlines"], ["=HYPERLINK(1)", "@x"], [null, true], [-0.5, double.PositiveInfinity]]));
}
