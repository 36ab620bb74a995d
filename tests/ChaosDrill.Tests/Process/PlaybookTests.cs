using System.Diagnostics;
using System.Text.RegularExpressions;
using ChaosDrill.Reports.Playbooks;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Tests.Process;

/// <summary>The shipped playbooks: current, and made of commands that a cluster accepts. CHAOSDRILL_UPDATE=1 drills and writes them anew.</summary>
public sealed partial class PlaybookTests : IDisposable
{
    private const int DrillsOfEach = 3;

    // Commands that only read. Anything else in a block that claims to look is a trap for whoever pastes it.
    private static readonly string[] Reading =
        ["get", "describe", "logs", "events", "version", "api-resources", "wait", "auth can-i", "rollout status", "rollout history"];

    private readonly Chaosdrill _program = new();

    public static TheoryData<string> Shipped => [.. Playbook.Disasters(TemplateFolder.Playbooks)];

    public void Dispose() => _program.Dispose();

    [Fact]
    public async Task Playbooks_InRepository_AreCurrent()
    {
        var scenarios = Directory.GetFiles(Repository.Path("scenarios"), "*.yaml");
        if (Environment.GetEnvironmentVariable("CHAOSDRILL_UPDATE") == "1")
        {
            foreach (var scenario in scenarios)
            {
                for (var seed = 1; seed <= DrillsOfEach; seed++)
                {
                    // What runs real programs keeps real time.
                    var ended = await _program.RunAsync("run", scenario, "--virtual-time", "--seed", $"{seed}");
                    if (ended.Code == (int)ExitCode.BadUsage && DisasterOf(scenario) is not null)
                    {
                        await _program.RunAsync("run", scenario, "--seed", $"{seed}");
                    }
                }
            }

            // One more of each tries the commands, in real time: kubectl keeps its own. Not at once, or the machine would be what is measured.
            await _program.RunAsync(["playbook", .. scenarios, "--all", "--out", _program.Folder, "--store", "no-drills.db"]);
            foreach (var scenario in scenarios.Where(s => DisasterOf(s) is not null))
            {
                await _program.RunAsync("run", scenario, "--seed", $"{DrillsOfEach + 1}", "--playbook", Path.Combine(_program.Folder, DisasterOf(scenario) + ".md"));
            }

            var written = await _program.RunAsync(["playbook", .. scenarios, "--all", "--force", "--out", Repository.Path("runbooks")]);
            Assert.True(written.Code == 0, written.Error);
        }

        var fresh = await _program.RunAsync(["playbook", .. scenarios, "--all", "--out", _program.Folder, "--store", "no-drills.db"]);
        Assert.True(fresh.Code == 0, fresh.Error);
        foreach (var disaster in Shipped.Select(d => d.Data))
        {
            var kept = await File.ReadAllTextAsync(Repository.Path("runbooks", disaster + ".md"));
            var seal = PlaybookSeal.Read(kept)!;
            var now = PlaybookSeal.Read(await File.ReadAllTextAsync(Path.Combine(_program.Folder, disaster + ".md")))!;
            var stale = seal.StaleAgainst(now with { LatestDrills = seal.LatestDrills });
            Assert.True(
                stale.Count == 0 && !seal.IsTouched(kept),
                $"runbooks/{disaster}.md is stale ({string.Join("; ", stale)}); write it with CHAOSDRILL_UPDATE=1 tests/run ChaosDrill.Tests");
        }
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Playbook_BlocksThatLook_OnlyRead(string disaster)
    {
        var commands = PlaybookCommand.Of(File.ReadAllText(Repository.Path("runbooks", disaster + ".md")));
        Assert.Contains(commands, c => c.Effect == CommandEffect.Look);
        foreach (var command in commands)
        {
            var reads = Verbs(command.Text).All(verb => Reading.Any(r => verb.StartsWith(r, StringComparison.Ordinal)));
            Assert.True(command.Effect == CommandEffect.ByHand || reads == (command.Effect == CommandEffect.Look), $"{disaster}.md:{command.Line}: {command.Text}");
        }
    }

    [Fact]
    public async Task Run_WithAPlaybook_ProvesItsCommandsInTheDrillAndTheNextPlaybookSaysSo()
    {
        string[] draft = ["playbook", Chaosdrill.Scenario, "--out", _program.Folder, "--force"];
        var file = Path.Combine(_program.Folder, "application-failure.md");
        Assert.Equal(0, (await _program.RunAsync(draft)).Code);
        Assert.DoesNotContain("*Run in drills", await File.ReadAllTextAsync(file), StringComparison.Ordinal);

        var ended = await _program.RunAsync("run", Chaosdrill.Scenario, "--playbook", file);
        if (ended.Code == (int)ExitCode.Inconclusive)
        {
            // A machine that was too busy for the steady state to hold has rehearsed nothing.
            ended = await _program.RunAsync("run", Chaosdrill.Scenario, "--playbook", file);
        }

        Assert.True(ended.Code == 0, ended.Out + ended.Error);

        Assert.Equal(0, (await _program.RunAsync(draft)).Code);
        var text = await File.ReadAllTextAsync(file);
        Assert.Matches(@"```\n\*Run in drills: median .*, n = [12]; last proved ", text);
        Assert.Matches(@"```\n\*Dry-run in drills: median .*, n = [12]; last proved ", text);

        // The storefront was never rolled out twice: going back was tried, and did not work.
        Assert.Contains("rollout undo deployment/storefront\n```\n*Never proved in a drill.*", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--virtual-time", "--playbook runs kubectl, which keeps its own time; leave out --virtual-time")]
    [InlineData("--context=staging", "its commands name cluster twin, the drill is on staging")]
    public async Task Run_WithAPlaybookThatCannotBeRehearsed_SaysWhy(string option, string message)
    {
        var ended = await _program.RunAsync("run", Chaosdrill.Scenario, "--playbook", Repository.Path("runbooks", "application-failure.md"), option);

        Assert.Equal(64, ended.Code);
        Assert.Contains(message, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithThePlaybookOfAnotherScenario_SaysWhose()
    {
        var ended = await _program.RunAsync("run", Chaosdrill.Scenario, "--playbook", Repository.Path("runbooks", "rollout-failure.md"));

        Assert.Equal(64, ended.Code);
        Assert.Contains("is the playbook of checkout-rollout-failure, not of storefront-pod-kill", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithAFileThatIsNoPlaybook_SaysSo()
    {
        var ended = await _program.RunAsync("run", Chaosdrill.Scenario, "--playbook", Repository.Path("README.md"));

        Assert.Equal(64, ended.Code);
        Assert.Contains("ChaosDrill did not write this playbook", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Playbooks_Commands_RunOnTheTwin()
    {
        using var twin = _program.Start(
            "twin", "up", "--manifest", Repository.Path("scenarios", "twin", "shop.yaml"), "--manifest", Repository.Path("scenarios", "twin", "checkout.yaml"),
            "--kubeconfig", Path.Combine(_program.Folder, "kubeconfig"));
        await twin.UntilAsync("All deployments are ready");

        // There is no way back to an earlier version before there was one.
        Assert.Equal((0, ""), await BashAsync("kubectl -n shop set env deployment --all VERSION=2 && kubectl -n shop rollout status deployment/checkout && kubectl -n shop rollout status deployment/storefront"));
        List<string> refused = [];
        Dictionary<string, (int Code, string Said)> known = [];
        foreach (var disaster in Shipped.Select(d => d.Data))
        {
            foreach (var command in PlaybookCommand.Of(await File.ReadAllTextAsync(Repository.Path("runbooks", disaster + ".md"))).Where(c => c.Effect != CommandEffect.ByHand))
            {
                var text = command.Effect == CommandEffect.Change ? command.Text + " --dry-run=server" : command.Text;
                var (code, said) = known.TryGetValue(text, out var before) ? before : known[text] = await BashAsync(text);
                if (code != 0)
                {
                    refused.Add($"{disaster}.md:{command.Line}: {text}\n    {code}: {said}");
                }
            }
        }

        twin.Signal("TERM");
        await twin.EndAsync();
        Assert.True(refused.Count == 0, string.Join('\n', refused));
        Assert.NotEmpty(known);
    }

    private static string? DisasterOf(string scenario) => Label().Match(File.ReadAllText(scenario)) is { Success: true } label ? label.Groups[1].Value : null;

    private async Task<(int Code, string Said)> BashAsync(string command)
    {
        var info = new ProcessStartInfo("bash", ["-c", "set -o pipefail; " + command]) { WorkingDirectory = _program.Folder, RedirectStandardError = true, RedirectStandardOutput = true };
        info.Environment["KUBECONFIG"] = Path.Combine(_program.Folder, "kubeconfig");
        using var bash = System.Diagnostics.Process.Start(info)!;
        var said = bash.StandardError.ReadToEndAsync();
        await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        return (bash.ExitCode, (await said).Trim());
    }

    [GeneratedRegex("disaster: ([a-z-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    // The verbs of every kubectl on a line, without the options before them.
    private static IEnumerable<string> Verbs(string command) =>
        Kubectl().Matches(command).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"kubectl(?: (?:-n|--context) \S+)* (.+?)(?=\)|\||$)", RegexOptions.CultureInvariant)]
    private static partial Regex Kubectl();
}
