using ChaosDrill.Hosting;

namespace ChaosDrill.Tests.Hosting;

/// <summary>Every negative control of Velero's restores is caught, and for its own sake.</summary>
public sealed class VeleroSelfTestTests
{
    public static TheoryData<string> Controls => [.. VeleroSelfTest.Controls.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Controls))]
    public void Control_IsJudgedRightly(string name)
    {
        var result = VeleroSelfTest.Hold(VeleroSelfTest.Controls.Single(c => c.Name == name), seed: 7);
        Assert.True(result.Passed, result.Said);
    }

    [Fact]
    public void Control_ThatBreaksNothing_IsReportedAsNotCaught()
    {
        var result = VeleroSelfTest.Hold(new VeleroControl("nothing is wrong", "veleroBackup: {}", "every object"), seed: 7);
        Assert.False(result.Passed);
    }
}
