namespace ChaosDrill.Tests.Process;

/// <summary>Whatever is wrong, there is one message that says what, where and how to mend it, the right exit code, and no stack trace.</summary>
public sealed class WrongInputTests : IDisposable
{
    private const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        clusters: [ { name: c, cluster: { server: "https://127.0.0.1:1" } } ]
        users: [ { name: u, user: { token: t } } ]
        contexts: [ { name: bench, context: { cluster: c, user: u } }, { name: other, context: { cluster: c, user: u } } ]
        """;

    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    public static TheoryData<string, string> UsageErrors => new()
    {
        { "rnu", "error: there is no command \"rnu\"; did you mean \"run\"? For all of them see \"chaosdrill --help\"" },
        { "-v", "error: there is no option \"-v\"; see \"chaosdrill --help\"" },
        { "run", "error: \"run\" needs SCENARIO, or --plan FILE that names one; see \"chaosdrill run --help\"" },
        { "run a.yaml b.yaml", "error: \"b.yaml\" is one argument too many; see \"chaosdrill run --help\"" },
        { "run a.yaml --seeed 3", "error: there is no option \"--seeed\"; did you mean \"--seed\"? For all of them see \"chaosdrill run --help\"" },
        { "run a.yaml --seed x", "error: --seed is a whole number from 0 to 2147483647, not \"x\"; see \"chaosdrill run --help\"" },
        { "run a.yaml --seed", "error: --seed needs a value: N; see \"chaosdrill run --help\"" },
        { "run --plan", "error: --plan needs a value: FILE; see \"chaosdrill run --help\"" },
        { "selftest --only disk", "error: --only is velero or etcd, not \"disk\"; see \"chaosdrill selftest --help\"" },
        { "drills answer x maybe", "error: ANSWER is yes or no, not \"maybe\"; see \"chaosdrill drills answer --help\"" },
        { "run a.yaml --output xml", "error: --output is text or json, not \"xml\"; see \"chaosdrill run --help\"" },
        { "twin upp", "error: there is no command \"upp\"; did you mean \"up\"? For all of them see \"chaosdrill twin --help\"" },
        { "twin up --port 99999", "error: --port is a whole number from 1 to 65535, not \"99999\"; see \"chaosdrill twin up --help\"" },
        { "history --outcome fine", "error: --outcome is pass, fail, inconclusive, refused or aborted, not \"fine\"; see \"chaosdrill history --help\"" },
        { "history --since yesterday", "error: --since is a duration such as 12h or 7d, or a date such as 2026-11-21, not \"yesterday\"; see \"chaosdrill history --help\"" },
        { "history prune", "error: \"prune\" needs --older-than, --keep or both; see \"chaosdrill history prune --help\"" },
        { "trend x --alpha 2", "error: --alpha is a number above 0 and below 1, such as 0.05, not \"2\"; see \"chaosdrill trend --help\"" },
        { "compare latest", "error: \"compare\" needs SECOND; see \"chaosdrill compare --help\"" },
        { "completion tcsh", "error: there is no command \"tcsh\"; see \"chaosdrill completion --help\"" },
        { "@file", "error: there is no command \"@file\"; see \"chaosdrill --help\"" },
    };

    [Theory]
    [MemberData(nameof(UsageErrors))]
    public async Task Usage_Wrong_IsOneMessage(string line, string message)
    {
        var ended = await _chaosdrill.RunAsync(line.Split(' '));

        Assert.Equal((64, message + "\n", ""), (ended.Code, ended.Error, ended.Out));
    }

    [Fact]
    public async Task Scenario_Missing_IsBadUsage()
    {
        var ended = await _chaosdrill.RunAsync("run", "nope.yaml");

        IsOneError(ended, 64, "nope.yaml", "no such file");
    }

    [Fact]
    public async Task Scenario_OfFiftyMegabytes_IsBadUsage()
    {
        await using (var big = File.Create(Path.Combine(_chaosdrill.Folder, "big.yaml")))
        {
            big.SetLength(50 * 1024 * 1024);
        }

        IsOneError(await _chaosdrill.RunAsync("run", "big.yaml"), 64, "too large", "1048576");
    }

    [Fact]
    public async Task Scenario_WithTabs_IsBadUsageWithItsLine()
    {
        _chaosdrill.Write("tabs.yaml", "a:\n\tb: 1\n");

        IsOneError(await _chaosdrill.RunAsync("run", "tabs.yaml"), 64, "tabs.yaml:2:1", "use spaces");
    }

    [Fact]
    public async Task Manifest_Missing_IsBadUsage()
    {
        var ended = await _chaosdrill.RunAsync("run", _chaosdrill.Changed(Repository.Path("scenarios", "twin", "shop.yaml"), "gone.yaml"), "--virtual-time");

        IsOneError(ended, 64, "spec.twin.manifests", "gone.yaml", "no such file");
    }

    [Fact]
    public async Task Context_Unknown_IsBadUsageAndListsTheContexts()
    {
        _chaosdrill.Write("kc", Kubeconfig);

        IsOneError(await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--kubeconfig", "kc", "--context", "foo"), 64, "\"foo\"", "bench, other");
    }

    [Fact]
    public async Task Kubeconfig_WithoutContext_IsBadUsageAndListsTheContexts()
    {
        _chaosdrill.Write("kc", Kubeconfig);

        IsOneError(await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--kubeconfig", "kc"), 64, "--context", "bench, other");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("plan")]
    public async Task Cluster_Unreachable_IsRefused(string command)
    {
        _chaosdrill.Write("kc", Kubeconfig);

        IsOneError(await _chaosdrill.RunAsync(command, Chaosdrill.Scenario, "--kubeconfig", "kc", "--context", "bench"), 3, "https://127.0.0.1:1", "refused");
    }

    [Fact]
    public async Task Error_AsJson_IsOneDocumentBesideTheMessage()
    {
        var ended = await _chaosdrill.RunAsync("run", "nope.yaml", "--output", "json");

        Assert.StartsWith("error: ", ended.Error, StringComparison.Ordinal);
        using var document = System.Text.Json.JsonDocument.Parse(ended.Out);
        Assert.Equal(64, document.RootElement.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task VirtualTime_OnARealCluster_IsBadUsage()
    {
        IsOneError(await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--context", "x"), 64, "--virtual-time", "twin");
    }

    [Fact]
    public async Task Reports_Unwritable_IsRefused()
    {
        _chaosdrill.Write("file", "");

        IsOneError(await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--reports", "file"), 3, "report folder", "file");
    }

    [Fact]
    public async Task Rbac_ForNobody_IsAnError() =>
        IsOneError(await _chaosdrill.RunAsync("rbac", Chaosdrill.Scenario, "--user", ""), 64, "--user is empty");

    [Fact]
    public async Task Store_OfAnotherKind_IsRefusedAndLeftAsItIs()
    {
        var store = _chaosdrill.Write("bad.db", "this is no database, and it is somebody's");

        IsOneError(await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--store", store), 3, "bad.db");
        IsOneError(await _chaosdrill.RunAsync("history", "--store", store), 64, "bad.db");
        IsOneError(await _chaosdrill.RunAsync("history", "--store", "mysql://db/drills"), 64, "PostgreSQL");
        IsOneError(await _chaosdrill.RunAsync("history", "--store", "Host=127.0.0.1;Port=1;Database=drills"), 64, "the server does not answer");
        Assert.Equal("this is no database, and it is somebody's", await File.ReadAllTextAsync(store));
    }

    [Fact]
    public async Task Templates_Missing_IsBadUsageBeforeTheDrill()
    {
        IsOneError(await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--templates", "nowhere"), 64, "nowhere", "no such folder");
    }

    [Fact]
    public async Task Template_Wrong_IsBadUsageBeforeTheDrill()
    {
        _chaosdrill.Write("postmortem.md.hbs", "# {{#if outcome}}");

        var ended = await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--templates", _chaosdrill.Folder);
        IsOneError(ended, 64, "postmortem.md.hbs:1:");
        Assert.Equal("", ended.Out);
    }

    [Fact]
    public async Task TwinKubeconfig_OfARealCluster_IsNeverReplaced()
    {
        var file = _chaosdrill.Write("kc", Kubeconfig);

        IsOneError(await _chaosdrill.RunAsync("twin", "up", "--kubeconfig", file), 3, "left as it is");
        Assert.Equal(Kubeconfig, await File.ReadAllTextAsync(file));
    }

    private static void IsOneError(Ended ended, int code, params string[] parts)
    {
        Assert.Equal(code, ended.Code);
        Assert.StartsWith("error: ", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
        Assert.All(parts, part => Assert.Contains(part, ended.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }
}
