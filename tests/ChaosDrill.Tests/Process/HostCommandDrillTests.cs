using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Twin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ChaosDrill.Tests.Process;

/// <summary>
/// Node and control plane failures by the commands of a scenario, with the whole program and real scripts. The scripts stop
/// and start a machine, as <c>ssh</c> would; the cluster is a twin that gives itself away by nothing, so that no lever of
/// the twin stands in for them.
/// </summary>
public sealed class HostCommandDrillTests : IDisposable
{
    private readonly Chaosdrill _program = new();

    public void Dispose() => _program.Dispose();

    public static TheoryData<string, string> Failures => new()
    {
        { "nodeFailure: { node: node1, STOP }", "node1" },
        { "controlPlaneFailure: { component: scheduler, STOP }", "kube-scheduler" },
        { "controlPlaneFailure: { component: apiServer, STOP }", "kube-apiserver" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Failure_ByCommand_IsProvedAndUndoneByItsCounterpart(string fault, string machine)
    {
        await using var site = await Site.OpenAsync(_program, machine);

        var ended = await _program.RunAsync("run", site.Scenario(fault), "--context", "site", "--kubeconfig", "kc");

        Assert.True(ended.Out.Contains($"fault took effect on {(machine == "node1" ? "Node" : "ControlPlane")} {machine}: ", StringComparison.Ordinal), ended.Out + ended.Error);
        Assert.Contains("undone: ", ended.Out, StringComparison.Ordinal);
        Assert.True(ended.Code is 0 or 2, ended.Out + ended.Error);
        Assert.DoesNotContain("not undone", ended.Out, StringComparison.Ordinal);
        Assert.Equal([$"stop {machine}", $"start {machine}"], site.Calls);
        Assert.DoesNotContain("chaosdrill", await site.MarksAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Drill_KilledWhileTheMachineIsDown_IsPutBackByTheNextStart(string fault, string machine)
    {
        await using var site = await Site.OpenAsync(_program, machine);
        using (var drill = _program.Start("run", site.Scenario(fault), "--context", "site", "--kubeconfig", "kc"))
        {
            await site.UntilDownAsync();
            drill.Signal("KILL");
            await drill.EndAsync();
        }

        using var next = _program.Start("run", site.Scenario(fault), "--context", "site", "--kubeconfig", "kc");
        var said = await next.UntilAsync("put back what drill commanded-");
        next.Signal("INT");
        var ended = await next.EndAsync();

        Assert.Contains("again", said, StringComparison.Ordinal);
        Assert.True(ended.Code == 4, ended.Out + ended.Error);
        Assert.Equal([$"stop {machine}", $"start {machine}"], site.Calls.Take(2));
        Assert.Equal("start", site.Calls[^1].Split(' ')[0]);
        Assert.DoesNotContain("chaosdrill", await site.MarksAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_ThatFails_IsNoFaultAndItsCounterpartIsRun()
    {
        await using var site = await Site.OpenAsync(_program, "node1");
        var scenario = site.Scenario("nodeFailure: { node: node1, STOP }");
        File.WriteAllText(Path.Combine(_program.Folder, "stop.sh"), "#!/bin/sh\necho no such host >&2\nexit 3\n");

        var ended = await _program.RunAsync("run", scenario, "--context", "site", "--kubeconfig", "kc");

        Assert.Equal(2, ended.Code);
        Assert.Contains("ended with exit code 3: no such host", ended.Out, StringComparison.Ordinal);
        Assert.Equal(["start node1"], site.Calls);
    }

    /// <summary>Machines with a cluster on them. What the scripts write into a folder, happens.</summary>
    private sealed class Site : IAsyncDisposable
    {
        private readonly TwinCluster _twin = new(new TwinOptions { Nodes = 2, NodeMonitorGracePeriod = TimeSpan.FromSeconds(12), Clock = TimeProvider.System });
        private readonly CancellationTokenSource _end = new();
        private readonly Chaosdrill _program;
        private readonly string _machine;
        private readonly KubernetesClient _admin;
        private Disguise _disguise = null!;
        private Task _obeying = Task.CompletedTask;

        private Site(Chaosdrill program, string machine)
        {
            (_program, _machine) = (program, machine);
            _admin = new KubernetesClient(new Uri("https://twin"), _twin.CreateHandler(), TimeProvider.System);
        }

        /// <summary>What the scripts were called with, in order.</summary>
        public IReadOnlyList<string> Calls => File.Exists(Log) ? File.ReadAllLines(Log) : [];

        private string Log => Path.Combine(_program.Folder, "calls");

        private string Flag => Path.Combine(_program.Folder, "down");

        private bool IsDown => File.Exists(Flag);

        public static async Task<Site> OpenAsync(Chaosdrill program, string machine)
        {
            var site = new Site(program, machine);
            site._twin.Start();
            site._disguise = await Disguise.OpenAsync(site._twin.CreateHandler());
            site._twin.Apply(await File.ReadAllTextAsync(Repository.Path("scenarios", "twin", "shop.yaml")));
            await site._twin.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));
            program.Write("kc", $$"""
                apiVersion: v1
                kind: Config
                clusters: [ { name: c, cluster: { server: "{{site._disguise.Address}}" } } ]
                users: [ { name: u, user: {} } ]
                contexts: [ { name: site, context: { cluster: c, user: u } } ]
                """);
            site.Script("stop.sh", $"echo stop $1 >> {site.Log}\ntouch {site.Flag}\n");
            site.Script("start.sh", $"echo start $1 >> {site.Log}\nrm -f {site.Flag}\n");
            site._obeying = site.ObeyAsync();
            return site;
        }

        public string Scenario(string fault) => _program.Write("scenario.yaml", $$"""
            apiVersion: chaosdrill.dev/v1
            kind: Scenario
            metadata: { name: commanded }
            spec:
              cluster: { namespace: shop }
              steps:
                - name: Fail
                  {{fault.Replace("STOP", $"stopCommand: [{_program.Folder}/stop.sh, '{Word}'], startCommand: [{_program.Folder}/start.sh, '{Word}']", StringComparison.Ordinal)}}
                - undo: { step: Fail }
                - awaitRecovery: { of: [deployment/storefront], stableFor: 1s, timeout: 3m }
              objectives:
                - recoveryTime: { of: deployment/storefront, atMost: 2m }
            """);

        public async Task UntilDownAsync()
        {
            while (!IsDown)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }

        /// <summary>Everything in which a drill could have left its mark.</summary>
        public async Task<string> MarksAsync() => string.Concat(
            [.. (await _admin.ListAsync(Resources.Any("", "v1", "nodes", "Node", namespaced: false), null)).Items.Concat(
                (await _admin.ListAsync(Resources.Any("", "v1", "configmaps", "ConfigMap", namespaced: true), "shop")).Items).Select(i => i.GetProperty("metadata").GetProperty("name").GetString() + Annotations(i))]);

        public async ValueTask DisposeAsync()
        {
            _end.Cancel();
            await _obeying;
            _end.Dispose();
            await _disguise.DisposeAsync();
            await _admin.DisposeAsync();
            await _twin.DisposeAsync();
        }

        private static string Annotations(System.Text.Json.JsonElement item) =>
            string.Concat((JsonNode.Parse(item.GetRawText())!["metadata"]!["annotations"] as JsonObject ?? []).Where(a => a.Key == "chaosdrill.dev/undo").Select(a => a.Key));

        private string Word => _machine == "node1" ? "{node}" : _machine;

        private void Script(string name, string text)
        {
            var path = _program.Write(name, "#!/bin/sh\n" + text);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        /// <summary>The machine is down as long as the flag is there.</summary>
        private async Task ObeyAsync()
        {
            var down = false;
            while (!_end.IsCancellationRequested)
            {
                if (IsDown != down)
                {
                    down = !down;
                    if (_machine == "node1")
                    {
                        await _admin.PatchAsync(
                            Resources.Nodes, null, "node1", Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["twin.chaosdrill.dev/kubelet"] = down ? "stopped" : null } } }));
                    }
                    else
                    {
                        await _admin.SendJsonAsync(HttpMethod.Put, $"/twin/components/{_machine}", new JsonObject { ["state"] = down ? "stopped" : "running" }, CancellationToken.None);
                    }
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    /// <summary>A twin's API over HTTP, without what tells it from any other cluster. A server that is away breaks connections off.</summary>
    /// <remarks>Kestrel, for HttpListener ends answers that it is told to abort as if they were whole.</remarks>
    private sealed class Disguise : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly HttpMessageInvoker _twin;

        private Disguise(WebApplication app, HttpMessageInvoker twin) => (_app, _twin) = (app, twin);

        public string Address => _app.Urls.Single();

        public static async Task<Disguise> OpenAsync(HttpMessageHandler twin)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var disguise = new Disguise(builder.Build(), new HttpMessageInvoker(twin));
            disguise._app.Run(disguise.AnswerAsync);
            await disguise._app.StartAsync();
            return disguise;
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync(new CancellationToken(canceled: true));
            await _app.DisposeAsync();
            _twin.Dispose();
        }

        private async Task AnswerAsync(HttpContext context)
        {
            if (context.Request.Path.StartsWithSegments("/twin", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 404;
                return;
            }

            try
            {
                using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(new Uri("https://twin"), context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));
                if (context.Request.ContentType is { } type)
                {
                    using var body = new MemoryStream();
                    await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                    request.Content = new ByteArrayContent(body.ToArray());
                    request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                }

                request.Headers.TryAddWithoutValidation("Accept", (IEnumerable<string?>)context.Request.Headers.Accept);
                using var response = await _twin.SendAsync(request, context.RequestAborted);
                context.Response.StatusCode = (int)response.StatusCode;
                context.Response.ContentType = response.Content.Headers.ContentType?.ToString();

                // A watch on which nothing happens has begun all the same.
                await context.Response.StartAsync(context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(context.RequestAborted), Encoding.UTF8);
                while (await reader.ReadLineAsync(context.RequestAborted) is { } line)
                {
                    await context.Response.WriteAsync(line.Replace("twin://", "site://", StringComparison.Ordinal) + "\n", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                context.Abort();
            }
        }
    }
}
