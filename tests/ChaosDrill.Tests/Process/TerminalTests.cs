using System.Text.RegularExpressions;
using ChaosDrill.Twin;

namespace ChaosDrill.Tests.Process;

/// <summary>The whole program on a real terminal, and what people type there.</summary>
public sealed partial class TerminalTests : IDisposable
{
    private const string CtrlC = "\u0003";

    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Theory]
    [InlineData("y", 0, "PASS  ")]
    [InlineData("n", 1, "FAIL  Ask: Go on?: a person said no")]
    public async Task Hold_AnsweredOnTheTerminal_IsTheDrillsAnswerAndEverythingIsUndone(string answer, int code, string verdict)
    {
        using var running = _chaosdrill.StartOnTerminal("run", Scenario("hold: { question: Go on?, timeout: 5m }"));
        await running.UntilAsync("Go on?");
        running.Type("perhaps\n");
        running.Type(answer + "\n");
        var ended = await running.EndAsync();

        Assert.True(ended.Code == code, ended.Out);
        Assert.Contains(verdict, Colors().Replace(ended.Out, ""), StringComparison.Ordinal);
        Assert.Contains("undone: ", (await _chaosdrill.RunAsync("show")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CtrlC_Twice_EndsAtOnceAndNamesWhatIsLeft()
    {
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 2 });
        twin.Start();
        twin.Apply(await File.ReadAllTextAsync(Repository.Path("scenarios", "twin", "shop.yaml")));
        await twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(2));
        await using var server = await twin.ServeAsync();
        var kubeconfig = _chaosdrill.Write("kc", server.Kubeconfig);
        using var running = _chaosdrill.StartOnTerminal("run", Scenario("wait: { for: 5m }"), "--context", "twin", "--kubeconfig", kubeconfig);
        await running.UntilAsync("0/0 ready");

        // While the API server is away nothing can be undone, and the drill waits for it.
        twin.PauseApi(ApiOutage.Refuse);
        running.Type(CtrlC);
        await running.UntilAsync("Ctrl-C again ends at once");
        running.Type(CtrlC);
        var ended = await running.EndAsync();
        twin.ResumeApi();

        Assert.True(ended.Code == 130, ended.Out);
        Assert.Contains("ended at once.", ended.Out, StringComparison.Ordinal);
        Assert.Contains("  not undone: ", ended.Out, StringComparison.Ordinal);
        var undone = await _chaosdrill.RunAsync("undo", "--kubeconfig", kubeconfig);
        Assert.True(undone.Code == 0, undone.Out + undone.Error);
    }

    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Colors();

    private string Scenario(string step) => _chaosdrill.Write("scenario.yaml", $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: typed }
        spec:
          cluster: { namespace: shop }
          twin: { nodes: 1, manifests: [{{Repository.Path("scenarios", "twin", "shop.yaml")}}] }
          steps:
            - name: Scale to zero
              scale: { workload: deployment/storefront, replicas: 0, maxDuration: 5m }
            - name: Ask
              {{step}}
            - undo: { step: Scale to zero }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 500ms, timeout: 2m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 1m }
        """);
}
