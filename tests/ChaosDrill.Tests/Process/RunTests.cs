using System.Text.Json;

namespace ChaosDrill.Tests.Process;

/// <summary>Whole drills with the whole program.</summary>
public sealed class RunTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Fact]
    public async Task Drill_OnTheTwinInVirtualTime_PassesAndLeavesItsReport()
    {
        var ended = await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--seed", "3", "--output", "json");

        Assert.Equal(0, ended.Code);
        using var result = JsonDocument.Parse(ended.Out);
        var root = result.RootElement;
        Assert.Equal("pass", root.GetProperty("outcome").GetString());
        Assert.Equal(0, root.GetProperty("exitCode").GetInt32());
        Assert.Equal(3, root.GetProperty("seed").GetInt32());
        Assert.All(root.GetProperty("objectives").EnumerateArray(), o => Assert.Equal("pass", o.GetProperty("verdict").GetString()));
        var folder = Path.Combine(_chaosdrill.Folder, "reports", root.GetProperty("drill").GetString()!);
        Assert.Equal(Path.Combine(folder, "postmortem.html"), root.GetProperty("paths").GetProperty("report").GetString());
        Assert.Equal(
            ["budget-1.svg", "chat.txt", "drill.json", "junit.xml", "phases-1.svg", "postmortem.html", "postmortem.md", "recovery-1.svg", "timeline.svg"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Drill_OfOneSeed_IsTheSameTwice()
    {
        var first = await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--seed", "5");
        var second = await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--seed", "5");

        Assert.Equal(Lines(first), Lines(second));

        // All but the id of the drill, which is another each time.
        static IEnumerable<string> Lines(Ended ended) =>
            ended.Out.Split('\n').Where(l => !l.Contains("storefront-pod-kill-2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Drill_OnceRun_IsInHistoryAndCanBeShownAndReportedAgain()
    {
        await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time");

        var history = await _chaosdrill.RunAsync("history", "--outcome", "pass", "--since", "1h", "--output", "json");
        using var drills = JsonDocument.Parse(history.Out);
        var id = Assert.Single(drills.RootElement.EnumerateArray()).GetProperty("drill").GetString()!;
        Assert.Matches("^storefront-pod-kill-[0-9]{8}-[0-9]{6}-[a-z0-9]{4}$", id);
        Assert.DoesNotContain(id, (await _chaosdrill.RunAsync("history", "--outcome", "fail")).Out, StringComparison.Ordinal);

        var show = await _chaosdrill.RunAsync("show", id[..^2]);
        Assert.Equal(0, show.Code);
        Assert.Contains("PASS  all 4 objectives are met", show.Out, StringComparison.Ordinal);

        var page = Path.Combine(_chaosdrill.Folder, "reports", id, "postmortem.html");
        var before = await File.ReadAllTextAsync(page);
        File.Delete(page);
        var report = await _chaosdrill.RunAsync("report", id);
        Assert.Equal((0, Path.Combine("reports", id, "postmortem.html") + "\n"), (report.Code, report.Out));
        Assert.Equal(before, await File.ReadAllTextAsync(page));
    }

    [Theory]
    [InlineData("app=storefront,", "app=storfront,", 2, "INCONCLUSIVE  no running pod in namespace shop matches app=storfront")]
    [InlineData("namespace: shop ", "namespace: shoop ", 3, "REFUSED  namespace \"shoop\" does not exist")]
    [InlineData("mode: one", "mode: all", 3, "REFUSED  \"Kill one pod\" would affect 3 of 3 pods")]
    [InlineData("atMost: 30s", "atMost: 1s", 1, "FAIL  recoveryTime of deployment/storefront was 2.51 s, allowed is at most 1s")]
    public async Task Outcome_HasItsExitCode(string from, string to, int code, string verdict)
    {
        var scenario = _chaosdrill.Changed(from, to);

        var run = await _chaosdrill.RunAsync("run", scenario, "--virtual-time");
        Assert.Equal(code, run.Code);
        Assert.Contains(verdict, run.Out, StringComparison.Ordinal);
        Assert.Contains($"exit code   {code}: ", run.Out, StringComparison.Ordinal);

        var plan = await _chaosdrill.RunAsync("plan", scenario);
        Assert.Equal(code == 1 ? 0 : code, plan.Code);
    }

    [Theory]
    [InlineData("INT", "Ctrl-C")]
    [InlineData("TERM", "SIGTERM")]
    public async Task Signal_DuringADrill_UndoesAndAborts(string signal, string name)
    {
        using var running = _chaosdrill.Start("run", Chaosdrill.Scenario);
        await running.UntilAsync("fault took effect");
        running.Signal(signal);
        var ended = await running.EndAsync();

        Assert.Equal(4, ended.Code);
        Assert.Contains($"stopping: {name}", ended.Out, StringComparison.Ordinal);
        Assert.Contains("undone: lease shop/chaosdrill removed", ended.Out, StringComparison.Ordinal);
        Assert.Contains($"ABORTED  {name}", ended.Out, StringComparison.Ordinal);
        Assert.Contains("exit code   4: aborted and undone", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_Killed_LeavesADrillThatCanBeShownAndReported()
    {
        using (var running = _chaosdrill.Start("run", Chaosdrill.Scenario))
        {
            await running.UntilAsync("fault took effect");
            running.Signal("KILL");
            Assert.Equal(128 + 9, (await running.EndAsync()).Code);
        }

        var show = await _chaosdrill.RunAsync("show");
        Assert.Equal(0, show.Code);
        Assert.Contains("crashed: its process died", show.Out, StringComparison.Ordinal);
        Assert.Contains("fault took effect", show.Out, StringComparison.Ordinal);
        Assert.Contains("INCONCLUSIVE", show.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await _chaosdrill.RunAsync("report")).Code);

        // What it left was the lease in a twin that died with it: the next drill is not held up.
        Assert.Equal(0, (await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time")).Code);
    }
}
