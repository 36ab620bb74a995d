using System.Text.Json.Nodes;

namespace ChaosDrill.Tests.Process;

/// <summary>Files given to <c>run --plan</c> that are no plans: one message each, and nothing is run.</summary>
public sealed class PlanFileTests : IDisposable
{
    private readonly Chaosdrill _program = new();

    public void Dispose() => _program.Dispose();

    /// <summary>Saved once for all who tamper with it.</summary>
    private static readonly Lazy<Task<string>> Shipped = new(async () =>
    {
        using var program = new Chaosdrill();
        return (await program.RunAsync("plan", Chaosdrill.Scenario, "--output", "json")).Out;
    });

    public static TheoryData<string, string> Hostile => new()
    {
        { "", "line 1, column 1" },
        { "{", "line 1, column 2" },
        { "null", "at $" },
        { "[]", "at $" },
        { """{"scenario": "a", "scenario": "b"}""", "at $" },
        { """{"\ud800": 1}""", "it holds half a character" },
        { new string('[', 100_000), "line 1, column 65" },
        { """{"exitCode":64,"error":"no such file"}""", "at $" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task File_ThatIsNoPlan_IsBadUsage(string text, string place)
    {
        _program.Write("plan.json", text);

        IsBadUsage(await _program.RunAsync("run", "--plan", "plan.json"), $"the plan plan.json cannot be used: it is not what chaosdrill plan writes ({place}); save one with: chaosdrill plan SCENARIO --output json > FILE");
    }

    [Theory]
    [InlineData("steps", """[null]""", "at $.steps[0]")]
    [InlineData("seed", "\"5\"", "at $.seed")]
    [InlineData("scenario", "null", "at $")]
    [InlineData("extra", "1", "at $.extra")]
    [InlineData("cluster", """{"name":"a"}""", "at $.cluster")]
    [InlineData("repeat", "99999999999", "at $.repeat")]
    public async Task Plan_ThatWasTamperedWith_IsBadUsage(string field, string value, string place)
    {
        var plan = JsonNode.Parse(await Shipped.Value)!;
        plan[field] = JsonNode.Parse(value);
        _program.Write("plan.json", plan.ToJsonString());

        IsBadUsage(await _program.RunAsync("run", "--plan", "plan.json"), $"({place}");
    }

    [Theory]
    [InlineData("/dev/zero", "it does not end, and a plan has at most 33554432 bytes")]
    [InlineData("/", "it is a directory; name a file")]
    [InlineData("none.json", "there is no such file; check the path")]
    public async Task Path_ThatIsNoFile_IsBadUsage(string path, string message) =>
        IsBadUsage(await _program.RunAsync("run", "--plan", path), message);

    private static void IsBadUsage(Ended ended, string message)
    {
        Assert.Equal((64, ""), (ended.Code, ended.Out));
        Assert.StartsWith("error: ", ended.Error, StringComparison.Ordinal);
        Assert.Contains(message, ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
    }
}
