using System.Diagnostics;
using ChaosDrill.Tests.Process;
using ChaosDrill.Twin;

namespace ChaosDrill.Tests.House;

/// <summary>What deploy/ holds works with this program and on a cluster.</summary>
public sealed class DeployTests : IDisposable
{
    private static readonly string Base = Repository.Path("deploy", "kustomize");
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Fact]
    public async Task Roles_AreWhatRbacPrintsForTheScenariosOfTheBase()
    {
        var ended = await _chaosdrill.RunAsync(
            ["rbac", .. Directory.GetFiles(Path.Combine(Base, "scenarios")).Order(StringComparer.Ordinal), "--service-account", "chaosdrill:chaosdrill"]);
        Assert.Equal(0, ended.Code);

        // Comments name the files by their path, which is another on each machine.
        var printed = string.Join('\n', ended.Out.Split('\n').Where(l => !l.StartsWith('#')));
        var file = Path.Combine(Base, "rbac.yaml");
        if (Environment.GetEnvironmentVariable("CHAOSDRILL_UPDATE") == "1")
        {
            await File.WriteAllTextAsync(file, printed);
        }

        Assert.Equal(await File.ReadAllTextAsync(file), printed);
    }

    [Fact]
    public async Task Scenarios_OfTheBase_AreGood() =>
        Assert.Equal(0, (await _chaosdrill.RunAsync(["validate", .. Directory.GetFiles(Path.Combine(Base, "scenarios"))])).Code);

    [Fact]
    public async Task Arguments_OfTheWorker_AreUnderstood()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Base, "worker.yaml"));
        var pod = lines.SkipWhile(l => !l.TrimStart().StartsWith("args:", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(l => l.TrimStart().StartsWith("- ", StringComparison.Ordinal)).Select(l => l.Trim()[2..]);
        var unit = (await File.ReadAllLinesAsync(Repository.Path("deploy", "chaosdrill-worker.service")))
            .Single(l => l.StartsWith("ExecStart=", StringComparison.Ordinal)).Split(' ').Skip(1);

        // Files that are not here are what is missed first, after every option has been read.
        Assert.Contains("the certificate /etc/chaosdrill/web/tls.crt", (await _chaosdrill.RunAsync([.. pod])).Error, StringComparison.Ordinal);
        Assert.Contains("there is no folder /etc/chaosdrill/scenarios", (await _chaosdrill.RunAsync([.. unit])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unit_OfSystemd_IsGood()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "Debian's package systemd is not installed: apt-get install -y systemd");
        var unit = await File.ReadAllTextAsync(Repository.Path("deploy", "chaosdrill-worker.service"));

        // The program has to be where the unit looks for it; here it is elsewhere.
        const string Program = "ExecStart=/opt/chaosdrill/chaosdrill ";
        Assert.Contains(Program, unit, StringComparison.Ordinal);
        var file = _chaosdrill.Write("chaosdrill-worker.service", unit.Replace(Program, $"ExecStart={Path.Combine(AppContext.BaseDirectory, "chaosdrill")} ", StringComparison.Ordinal));
        using var analyze = System.Diagnostics.Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = analyze.StandardError.ReadToEndAsync();
        var said = await analyze.StandardOutput.ReadToEndAsync() + await error;
        await analyze.WaitForExitAsync();

        // A word that it does not know is said, and no failure.
        Assert.Equal((0, ""), (analyze.ExitCode, said));

        // SIGKILL must not come before the undo is done.
        Assert.Contains("--grace 5m", unit, StringComparison.Ordinal);
        Assert.Contains("TimeoutStopSec=6min", unit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kustomize")]
    [InlineData("kustomize-postgresql")]
    public async Task Kustomization_AppliedToACluster_Runs(string folder)
    {
        var applied = Repository.Path("deploy", folder);
        await using var twin = new TwinCluster(new TwinOptions { Nodes = 1, Seed = 1 });
        twin.Start();
        twin.Apply("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n");
        await using var server = await twin.ServeAsync();
        var kubeconfig = Path.Combine(_chaosdrill.Folder, "kubeconfig");
        server.WriteKubeconfig(kubeconfig);

        Assert.Contains("deployment.apps/chaosdrill created", await KubectlAsync(kubeconfig, "apply", "-k", applied), StringComparison.Ordinal);
        await KubectlAsync(kubeconfig, "rollout", "status", "deployment/chaosdrill", "-n", "chaosdrill", "--timeout=2m");
        Assert.DoesNotContain("created", await KubectlAsync(kubeconfig, "apply", "-k", applied), StringComparison.Ordinal);

        // The account may do what the scenario needs, and nothing beside it.
        Assert.Equal("yes", (await KubectlAsync(kubeconfig, "auth", "can-i", "delete", "pods", "-n", "shop", "--as=system:serviceaccount:chaosdrill:chaosdrill")).Trim());
        Assert.StartsWith("no", await KubectlAsync(kubeconfig, "auth", "can-i", "delete", "deployments", "-n", "shop", "--as=system:serviceaccount:chaosdrill:chaosdrill"), StringComparison.Ordinal);
    }

    private static async Task<string> KubectlAsync(string kubeconfig, params string[] arguments)
    {
        using var kubectl = System.Diagnostics.Process.Start(
            new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = kubectl.StandardError.ReadToEndAsync();
        var said = await kubectl.StandardOutput.ReadToEndAsync();
        await kubectl.WaitForExitAsync();
        Assert.True(kubectl.ExitCode == 0 || said.StartsWith("no", StringComparison.Ordinal), $"kubectl {string.Join(' ', arguments)}: {said}{await error}");
        return said;
    }
}
