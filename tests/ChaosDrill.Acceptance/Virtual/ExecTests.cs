using System.Text;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Commands in containers: the real client on a twin in virtual time, over WebSocket frames and without a socket.</summary>
public sealed class ExecTests
{
    private const string Pod = """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: default }
        data: { currency: EUR }
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          namespace: default
          annotations:
            twin.chaosdrill.dev/exec: |
              "psql -c select": { output: "1 row\n", takes: 2s }
              mysql: { error: "no such table\n", exitCode: 4 }
        spec:
          terminationGracePeriodSeconds: 5
          volumes: [ { name: settings, configMap: { name: settings } } ]
          containers:
            - name: app
              image: registry.example/app:1
              env: [ { name: COLOUR, value: blue } ]
              volumeMounts: [ { name: settings, mountPath: /etc/settings } ]
        """;

    [Theory]
    [InlineData(0, "", "", "true")]
    [InlineData(1, "", "", "false")]
    [InlineData(0, "a b\n", "", "/bin/echo", "a", "b")]
    [InlineData(0, "EUR", "", "cat", "/etc/settings/currency")]
    [InlineData(1, "", "cat: can't open '/none': No such file or directory\n", "cat", "/none")]
    [InlineData(3, "x\nblue 1\n", "", "sh", "-c", "echo x; false; echo $COLOUR $? && exit 3; echo y")]
    [InlineData(0, "no\n", "", "sh", "-c", "false && echo 'yes' || echo \"no\"")]
    [InlineData(0, "", "", "sh", "-c", "echo hush >/dev/null; nothing 2>/dev/null || true")]
    [InlineData(127, "", "sh: nothing: not found\n", "sh", "-c", "nothing")]
    [InlineData(2, "", "sh: '|': the twin's shell does not know it\n", "sh", "-c", "echo a | cat")]
    [InlineData(127, "", "OCI runtime exec failed: exec failed: unable to start container process: exec: \"python\": executable file not found in $PATH: unknown\n", "python", "-V")]
    [InlineData(0, "1 row\n", "", "psql", "-c", "select")]
    [InlineData(4, "", "no such table\n", "mysql", "-e", "anything")]
    public void Command_InAContainer_AnswersAsItWould(int code, string output, string error, params string[] command) => Go(async (_, client) =>
    {
        var result = await client.ExecAsync("default", "web", new ExecOptions { Command = command });
        Assert.Equal(new ExecResult(ExecEnd.Exited, code, output, error, false), result);
    });

    [Fact]
    public void Input_GivenToACommand_IsReadToItsEnd() => Go(async (_, client) =>
    {
        var text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"line {i}\n"));
        var result = await client.ExecAsync("default", "web", new ExecOptions { Command = ["cat"], Input = Encoding.UTF8.GetBytes(text), OutputLimit = 1 << 20 });
        Assert.Equal(text, result.Output);
        var cut = await client.ExecAsync("default", "web", new ExecOptions { Command = ["cat"], Input = Encoding.UTF8.GetBytes(text), OutputLimit = 6 });
        Assert.Equal(("line 0", true, true), (cut.Output, cut.Truncated, cut.Succeeded));
        var script = await client.ExecAsync("default", "web", new ExecOptions { Command = ["sh"], Input = "exit 7"u8.ToArray() });
        Assert.Equal(7, script.ExitCode);
    });

    [Fact]
    public void Command_LongerThanItsLimit_IsTimedOutAndNotKnown() => Go(async (clock, client) =>
    {
        var start = clock.Elapsed;
        var result = await client.ExecAsync("default", "web", new ExecOptions { Command = ["sh", "-c", "echo begun; sleep 60"], TimeLimit = TimeSpan.FromSeconds(3) });
        Assert.Equal(new ExecResult(ExecEnd.TimedOut, null, "begun\n", "", false), result);
        Assert.Equal(TimeSpan.FromSeconds(3), clock.Elapsed - start);
        var slow = await client.ExecAsync("default", "web", new ExecOptions { Command = ["sleep", "3"] });
        Assert.True(slow.Succeeded);
        Assert.Equal(TimeSpan.FromSeconds(6), clock.Elapsed - start);
    });

    [Fact]
    public void Caller_WhoGivesUp_GetsItsOwnCancellation() => Go(async (clock, client) =>
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1), clock);
        var thrown = await Assert.ThrowsAsync<OperationCanceledException>(() => client.ExecAsync("default", "web", new ExecOptions { Command = ["sleep", "60"] }, stop.Token));
        Assert.Equal(stop.Token, thrown.CancellationToken);
    });

    [Fact]
    public void Kill_OfTheFirstProcess_RestartsTheContainer() => Go(async (clock, client) =>
    {
        var before = await ContainerAsync(client);
        Assert.Equal((0, true), (before.RestartCount, before.Ready));
        var watching = client.ExecAsync("default", "web", new ExecOptions { Command = ["sleep", "60"] });
        Assert.True((await client.ExecAsync("default", "web", new ExecOptions { Command = ["kill", "-9", "1"] })).Succeeded);
        Assert.True((await client.ExecAsync("default", "web", new ExecOptions { Command = ["kill", "1"] })).Succeeded);
        Assert.Equal(137, (await watching).ExitCode);
        Assert.False((await ContainerAsync(client)).Ready);
        await Task.Delay(TimeSpan.FromSeconds(2), clock);
        var after = await ContainerAsync(client);
        Assert.Equal((1, true), (after.RestartCount, after.Ready));
        Assert.NotEqual(before.ContainerID, after.ContainerID);

        // The second time it has to wait.
        await client.ExecAsync("default", "web", new ExecOptions { Command = ["sh", "-c", "kill -TERM 1"] });
        await Task.Delay(TimeSpan.FromSeconds(2), clock);
        Assert.Equal((1, false), ((await ContainerAsync(client)).RestartCount, (await ContainerAsync(client)).Ready));
        var refused = await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("default", "web", new ExecOptions { Command = ["true"] }));
        Assert.Equal("Internal error occurred: unable to upgrade connection: container not found (\"app\")", refused.Message);
        await Task.Delay(TimeSpan.FromSeconds(10), clock);
        Assert.Equal((2, true), ((await ContainerAsync(client)).RestartCount, (await ContainerAsync(client)).Ready));
    });

    [Fact]
    public void Exec_WithoutATarget_SaysTheServersReason() => Go(async (_, client) =>
    {
        var options = new ExecOptions { Command = ["true"] };
        Assert.Equal(404, (await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("default", "none", options))).Code);
        var wrong = await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("default", "web", options with { Container = "side" }));
        Assert.Equal((400, "container side is not valid for pod web"), (wrong.Code, wrong.Message));
        await Assert.ThrowsAsync<ArgumentException>(() => client.ExecAsync("default", "web", new ExecOptions { Command = [] }));
    });

    [Fact]
    public void Exec_WithTheRightToGetAlone_IsForbidden() => Go(async (_, client, cluster) =>
    {
        const string Role = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: { name: runner, namespace: default }
            rules: [ { apiGroups: [""], resources: [pods/exec], verbs: [VERBS] } ]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: { name: runner, namespace: default }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: runner }
            subjects: [ { apiGroup: rbac.authorization.k8s.io, kind: User, name: anna } ]
            """;
        await using var anna = new KubernetesClient(client.Server, cluster.CreateHandler("anna"), client.Clock);
        foreach (var verb in (string[])["get", "create"])
        {
            cluster.Apply(Role.Replace("VERBS", verb, StringComparison.Ordinal));
            var refused = await Assert.ThrowsAsync<ApiException>(() => anna.ExecAsync("default", "web", new ExecOptions { Command = ["true"] }));
            Assert.Contains($"User \"anna\" cannot {(verb == "get" ? "create" : "get")} resource \"pods/exec\" in API group \"\" in the namespace \"default\"", refused.Message, StringComparison.Ordinal);
        }

        cluster.Apply(Role.Replace("VERBS", "get, create", StringComparison.Ordinal));
        Assert.True((await anna.ExecAsync("default", "web", new ExecOptions { Command = ["true"] })).Succeeded);
    });

    [Fact]
    public void Outage_DuringAnExec_LosesTheConnectionNotTheCommand() => Go(async (clock, client, cluster) =>
    {
        var running = client.ExecAsync("default", "web", new ExecOptions { Command = ["sh", "-c", "echo begun; sleep 5; kill 1"] });
        await Task.Delay(TimeSpan.FromSeconds(1), clock);
        cluster.PauseApi(ApiOutage.Refuse);
        Assert.Equal(new ExecResult(ExecEnd.ConnectionLost, null, "begun\n", "", false), await running);
        await Task.Delay(TimeSpan.FromSeconds(10), clock);
        cluster.ResumeApi();
        await Task.Delay(TimeSpan.FromSeconds(3), clock);
        Assert.Equal(1, (await ContainerAsync(client)).RestartCount);
    });

    [Fact]
    public void Kubelet_ThatIsStopped_CannotBeReached() => Go(async (_, client, cluster) =>
    {
        cluster.StopKubelet((await client.GetAsync(Resources.Pods, "default", "web")).Spec.NodeName!);
        var refused = await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("default", "web", new ExecOptions { Command = ["true"] }));
        Assert.EndsWith("connect: connection refused", refused.Message, StringComparison.Ordinal);
    });

    private static async Task<ContainerStatus> ContainerAsync(KubernetesClient client) =>
        Assert.Single((await client.GetAsync(Resources.Pods, "default", "web")).Status.ContainerStatuses);

    private static void Go(Func<VirtualClock, KubernetesClient, Task> body) => Go((clock, client, _) => body(clock, client));

    private static void Go(Func<VirtualClock, KubernetesClient, TwinCluster, Task> body) => VirtualClock.Run(async clock =>
    {
        await using var cluster = new TwinCluster(new TwinOptions { Clock = clock, Nodes = 1 });
        cluster.Start();
        cluster.Apply(Pod);
        await using var client = new KubernetesClient(new Uri("https://twin.invalid"), cluster.CreateHandler(), clock);
        await Task.Delay(TimeSpan.FromSeconds(2), clock);
        await body(clock, client, cluster);
        Assert.Equal(0, clock.ForeignPosts);
    });
}
