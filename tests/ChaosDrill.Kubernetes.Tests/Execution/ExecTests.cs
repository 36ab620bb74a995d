using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Kubernetes.Tests.Fakes;
using Microsoft.AspNetCore.Http.Features;

namespace ChaosDrill.Kubernetes.Tests.Execution;

/// <summary>Exec over a real connection with TLS, against a server that says what each test wants it to say.</summary>
public sealed class ExecTests
{
    private const string Success = """{"metadata":{},"status":"Success"}""";
    private const string Exit3 = """{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: exit status 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""";

    private readonly Authority authority = new();

    [Fact]
    public async Task Command_ThatEnds_HandsBackOutputsAndExitCode()
    {
        await using var server = await StartAsync("v5.channel.k8s.io", async socket =>
        {
            await SayAsync(socket, 1, "out ");
            await SayAsync(socket, 2, "err");
            await SayAsync(socket, 1, "put");
            await SayAsync(socket, 3, Exit3);
        });
        await using var client = Client(server);
        var result = await client.ExecAsync("shop", "web-1", new ExecOptions { Command = ["sh", "-c", "exit 3", ""], Container = "app" });
        Assert.Equal(new ExecResult(ExecEnd.Exited, 3, "out put", "err", false), result);
        var seen = Assert.Single(server.Requests);
        Assert.Equal("/api/v1/namespaces/shop/pods/web-1/exec", seen.Path);
        Assert.Equal("?command=sh&command=-c&command=exit 3&command=&container=app&stdout=true&stderr=true", seen.Query);
        Assert.Equal("v5.channel.k8s.io, v4.channel.k8s.io", seen.Headers["Sec-WebSocket-Protocol"]);
        Assert.Equal("HTTP/1.1", seen.Headers["protocol"]);
    }

    [Fact]
    public async Task Server_ThatKnowsOnlyV4_IsSpokenTo()
    {
        await using var server = await StartAsync("v4.channel.k8s.io", socket => SayAsync(socket, 3, Success));
        await using var client = Client(server);
        Assert.Equal(0, (await client.ExecAsync("shop", "web-1", new ExecOptions { Command = ["true"] })).ExitCode);
    }

    [Fact]
    public async Task Input_IsSentAndClosed_AlsoWhenImpersonatingSeveralGroups()
    {
        var bytes = Enumerable.Range(0, 40_000).Select(i => (byte)i).ToArray();
        var received = new List<byte>();
        await using var server = await StartAsync("v5.channel.k8s.io", async socket =>
        {
            while (await HearAsync(socket) is [0, .. var content])
            {
                received.AddRange(content);
            }

            await SayAsync(socket, 3, Success);
        });
        await using var client = Client(server, c => c with { Impersonate = new Impersonation { User = "jane", Groups = ["dev", "ops"] } });
        Assert.True((await client.ExecAsync("shop", "web-1", new ExecOptions { Command = ["cat"], Input = bytes })).Succeeded);
        Assert.Equal(bytes, received);
        var seen = Assert.Single(server.Requests);
        Assert.Equal("dev,ops", seen.Headers["Impersonate-Group"]);
        Assert.Equal("v5.channel.k8s.io", seen.Headers["Sec-WebSocket-Protocol"]);
    }

    [Fact]
    public async Task Failure_WithoutAnExitCode_IsTheServersError()
    {
        await using var server = await StartAsync("v5.channel.k8s.io", socket => SayAsync(
            socket, 3, """{"metadata":{},"status":"Failure","message":"Internal error occurred: container not found","reason":"InternalError","code":500}"""));
        await using var client = Client(server);
        var error = await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("shop", "web-1", new ExecOptions { Command = ["true"] }));
        Assert.Equal((500, "InternalError", "Internal error occurred: container not found"), (error.Code, error.Reason, error.Message));
    }

    [Fact]
    public async Task Connection_ThatEndsBeforeTheStatus_LeavesTheExitCodeUnknown()
    {
        await using var server = await StartAsync("v5.channel.k8s.io", socket => SayAsync(socket, 1, "so far"));
        await using var client = Client(server);
        var result = await client.ExecAsync("shop", "web-1", new ExecOptions { Command = ["true"] });
        Assert.Equal(new ExecResult(ExecEnd.ConnectionLost, null, "so far", "", false), result);
        Assert.False(result.Succeeded);
    }

    [Theory]
    [InlineData(404, "NotFound", "pods \"web-1\" not found")]
    [InlineData(403, "Forbidden", "pods \"web-1\" is forbidden")]
    public async Task Refusal_BeforeTheUpgrade_IsTheServersError(int code, string reason, string message)
    {
        var status = $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":{{System.Text.Json.JsonSerializer.Serialize(message)}},"reason":"{{reason}}","code":{{code}}}""";
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), context => TlsServer.JsonAsync(context, status, code));
        await using var client = Client(server);
        var error = await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("shop", "web-1", new ExecOptions { Command = ["true"] }));
        Assert.Equal((code, reason, message), (error.Code, error.Reason, error.Message));
    }

    [Fact]
    public async Task Proxy_ThatAnswersWithoutTheKey_IsNotTrusted()
    {
        await using var server = await StartAsync("v5.channel.k8s.io", _ => Task.CompletedTask, key => key + "x");
        await using var client = Client(server);
        var error = await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("shop", "web-1", new ExecOptions { Command = ["true"] }));
        Assert.Contains("did not answer this WebSocket key", error.Message, StringComparison.Ordinal);
    }

    private static async Task SayAsync(WebSocket socket, byte channel, string text) =>
        await socket.SendAsync((byte[])[channel, .. Encoding.UTF8.GetBytes(text)], WebSocketMessageType.Binary, true, CancellationToken.None);

    private static async Task<byte[]> HearAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.True(received.EndOfMessage);
        return buffer[..received.Count];
    }

    private Task<TlsServer> StartAsync(string protocol, Func<WebSocket, Task> talk, Func<string, string>? spoil = null) => TlsServer.StartAsync(authority.Server(["127.0.0.1"]), async context =>
    {
        var key = context.Request.Headers["Sec-WebSocket-Key"].ToString() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
#pragma warning disable CA5350 // as RFC 6455 has it
        context.Response.Headers["Sec-WebSocket-Accept"] = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(spoil?.Invoke(key) ?? key)));
#pragma warning restore CA5350
        context.Response.Headers["Sec-WebSocket-Protocol"] = protocol;
        context.Response.Headers.Upgrade = "websocket";
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = protocol });
        await talk(socket);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    });

    private KubernetesClient Client(TlsServer server, Func<ClusterConfiguration, ClusterConfiguration>? change = null)
    {
        var configuration = new ClusterConfiguration { Server = server.Address, CertificateAuthority = [authority.Certificate], Environment = _ => null };
        return new KubernetesClient(change?.Invoke(configuration) ?? configuration, TimeProvider.System);
    }
}
