using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using ChaosDrill.Kubernetes.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Kubernetes.Tests.Connection;

[UnsupportedOSPlatform("windows")]
public sealed class CredentialTests : IDisposable
{
    private readonly Authority authority = new();
    private readonly TemporaryFolder folder = new();
    private readonly ManualClock clock = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Token_InTheConfiguration_IsSent()
    {
        await using var server = await ServerAsync();
        await using var client = Client(server, configuration => configuration with { Token = "abc" });
        await client.GetServerVersionAsync();
        Assert.Equal("Bearer abc", Authorization(server));
    }

    [Fact]
    public async Task UsernameAndPassword_AreSentAsBasic()
    {
        await using var server = await ServerAsync();
        await using var client = Client(server, configuration => configuration with { Username = "u", Password = "p:ü" });
        await client.GetServerVersionAsync();
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("u:p:ü")), Authorization(server));
    }

    [Fact]
    public async Task TokenFile_ThatRotates_IsReadAgainAfterTenSeconds()
    {
        await using var server = await ServerAsync();
        var file = folder.Write("token", "one\n");
        await using var client = Client(server, configuration => configuration with { TokenFile = file });
        await client.GetServerVersionAsync();
        folder.Write("token", "two\n");
        await client.GetServerVersionAsync();
        clock.Advance(TimeSpan.FromSeconds(11));
        await client.GetServerVersionAsync();
        File.Delete(file);
        clock.Advance(TimeSpan.FromSeconds(11));
        await client.GetServerVersionAsync();
        Assert.Equal(["Bearer one", "Bearer one", "Bearer two", "Bearer two"], server.Requests.Select(request => request.Headers["Authorization"]));
    }

    [Fact]
    public async Task TokenFile_WhoseTokenIsRefused_IsReadAgainAtOnce()
    {
        await using var server = await ServerAsync(context => context.Request.Headers.Authorization == "Bearer new"
            ? TlsServer.VersionAsync(context)
            : TlsServer.JsonAsync(context, ScriptedServer.Status(401, "Unauthorized", "Unauthorized"), 401));
        folder.Write("token", "old");
        await using var client = Client(server, configuration => configuration with { TokenFile = Path.Combine(folder.Path, "token") });
        Assert.True((await Assert.ThrowsAsync<ApiException>(() => client.GetServerVersionAsync())).IsUnauthorized);
        Assert.Single(server.Requests);
        folder.Write("token", "new");
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\nb: injected")]
    public async Task Token_ThatCannotBeAHeader_IsRefusedWithoutQuotingIt(string token)
    {
        var file = folder.Write("token", token);
        await using var client = new KubernetesClient(new ClusterConfiguration { Server = new Uri("https://127.0.0.1:1"), TokenFile = file }, clock);
        var error = await Assert.ThrowsAsync<KubeconfigException>(() => client.GetServerVersionAsync());
        Assert.Equal($"{file} holds no usable token: it is empty or has spaces or line breaks in it", error.Message);
    }

    [Fact]
    public async Task Impersonation_IsSentInHeaders()
    {
        await using var server = await ServerAsync();
        await using var client = Client(server, configuration => configuration with
        {
            Impersonate = new Impersonation
            {
                User = "jane",
                Uid = "7",
                Groups = ["dev", "ops"],
                Extra = new Dictionary<string, IReadOnlyList<string>> { ["acme.com/project"] = ["p1", "p2"] },
            },
        });
        await client.GetServerVersionAsync();
        var headers = server.Requests.Single().Headers;
        Assert.Equal("jane", headers["Impersonate-User"]);
        Assert.Equal("7", headers["Impersonate-Uid"]);
        Assert.Equal("dev,ops", headers["Impersonate-Group"]);
        Assert.Equal("p1,p2", headers["Impersonate-Extra-acme.com%2Fproject"]);
        Assert.Equal("HTTP/1.1", headers["protocol"]);
    }

    [Fact]
    public async Task Impersonation_WithOneGroup_StaysOnHttp2()
    {
        await using var server = await ServerAsync();
        await using var client = Client(server, configuration => configuration with { Impersonate = new Impersonation { User = "jane", Groups = ["dev"] } });
        await client.GetServerVersionAsync();
        Assert.Equal(("dev", "HTTP/2"), (server.Requests.Single().Headers["Impersonate-Group"], server.Requests.Single().Headers["protocol"]));
    }

    [Fact]
    public async Task ExecPlugin_IsAskedOnceUntilItsTokenExpires()
    {
        await using var server = await ServerAsync();
        var expires = clock.GetUtcNow().AddMinutes(10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        folder.Script("plugin", $$$"""
            n=$(cat "$COUNT" 2>/dev/null || echo 0); n=$((n+1)); echo $n > "$COUNT"
            printf '%s' "$KUBERNETES_EXEC_INFO" > "$COUNT.info"
            printf '%s|' "$@" > "$COUNT.args"
            echo "a note on stderr" >&2
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$n'","expirationTimestamp":"{{{expires}}}"}}'
            """);
        var plugin = Plugin("plugin") with { Args = ["a b", "$(id)", "'"], ProvideClusterInfo = true, Env = new Dictionary<string, string> { ["COUNT"] = Path.Combine(folder.Path, "count") } };
        await using var client = Client(server, configuration => configuration with { Exec = plugin });
        await client.GetServerVersionAsync();
        await client.GetServerVersionAsync();
        clock.Advance(TimeSpan.FromMinutes(11));
        await client.GetServerVersionAsync();
        Assert.Equal(["Bearer t1", "Bearer t1", "Bearer t2"], server.Requests.Select(request => request.Headers["Authorization"]));
        Assert.Equal("a b|$(id)|'|", await File.ReadAllTextAsync(Path.Combine(folder.Path, "count.args")));
        var info = await File.ReadAllTextAsync(Path.Combine(folder.Path, "count.info"));
        Assert.Contains("\"apiVersion\":\"client.authentication.k8s.io/v1\"", info, StringComparison.Ordinal);
        Assert.Contains($"\"server\":\"{server.Address.ToString().TrimEnd('/')}\"", info, StringComparison.Ordinal);
        Assert.Contains("\"certificate-authority-data\":", info, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecPlugin_ThatGivesACertificate_IsKnownByIt()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), TlsServer.VersionAsync, clientCertificates: true);
        var (certificate, key) = authority.Client("from-plugin", "ec-sec1");
        var answer = System.Text.Json.JsonSerializer.Serialize(new
        {
            apiVersion = "client.authentication.k8s.io/v1",
            kind = "ExecCredential",
            status = new { clientCertificateData = certificate, clientKeyData = key },
        });
        folder.Write("answer.json", answer);
        folder.Script("plugin", $"cat '{folder.Path}/answer.json'\n");
        await using var client = Client(server, configuration => configuration with { Exec = Plugin("plugin") });
        Assert.Equal("CN=from-plugin", (await client.GetServerVersionAsync()).Platform);
    }

    [Theory]
    [InlineData("echo 'please log in' >&2; exit 3", "ended with exit code 3: please log in")]
    [InlineData("echo 'token: s3cret'", "did not print an ExecCredential: its output is no JSON (line 1)")]
    [InlineData("echo '{}'", "did not print an ExecCredential: \"kind\" is missing or another")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{}}'", "answered with apiVersion \"client.authentication.k8s.io/v1beta1\"")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "printed neither a token nor a client certificate")]
    [InlineData("head -c 3000000 /dev/zero", "printed more than 1024 KB")]
    public async Task ExecPlugin_ThatFails_SaysWhatItDid(string script, string expected)
    {
        folder.Script("plugin", script + "\n");
        await using var client = new KubernetesClient(new ClusterConfiguration { Server = new Uri("https://127.0.0.1:1"), Exec = Plugin("plugin") }, clock);
        var error = await Assert.ThrowsAsync<KubeconfigException>(() => client.GetServerVersionAsync());
        Assert.StartsWith($"exec plugin of user \"u\" in /x/config: \"{folder.Path}/plugin\" {expected}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecPlugin_ThatIsNotInstalled_GivesItsHint()
    {
        var plugin = Plugin("plugin") with { Command = "no-such-plugin-here", InstallHint = "Install it with: brew install no-such-plugin\n" };
        await using var client = new KubernetesClient(new ClusterConfiguration { Server = new Uri("https://127.0.0.1:1"), Exec = plugin }, clock);
        var error = await Assert.ThrowsAsync<KubeconfigException>(() => client.GetServerVersionAsync());
        Assert.Contains("\"no-such-plugin-here\" was not found; install it", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("brew install no-such-plugin", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecPlugin_ThatHangs_IsKilledWithItsChildren()
    {
        var pid = Path.Combine(folder.Path, "pid");
        folder.Script("plugin", $"sleep 600 & echo $! > {pid}.tmp; mv {pid}.tmp {pid}; wait\n");
        await using var client = new KubernetesClient(new ClusterConfiguration { Server = new Uri("https://127.0.0.1:1"), Exec = Plugin("plugin") }, clock);
        var asking = client.GetServerVersionAsync();
        while (!File.Exists(pid))
        {
            await Task.Yield();
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        var error = await Assert.ThrowsAsync<KubeconfigException>(() => asking);
        Assert.Contains("did not end within 60 s", error.Message, StringComparison.Ordinal);
        var status = $"/proc/{(await File.ReadAllTextAsync(pid)).Trim()}/status";
        while (File.Exists(status) && !(await ReadAsync(status)).Contains("State:\tZ", StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task ProxyUrl_OfTheCluster_OpensATunnelToTheServer()
    {
        await using var server = await ServerAsync();
        using var proxy = ConnectProxy.Start(asksForPassword: true);
        await using var client = Client(server, configuration => configuration with { Proxy = new Uri($"http://me:pw@127.0.0.1:{proxy.Port}") });
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
        Assert.Contains($"CONNECT 127.0.0.1:{server.Address.Port} HTTP/1.1", proxy.Heads.Last(), StringComparison.Ordinal);
        Assert.Contains("Proxy-Authorization: Basic " + Convert.ToBase64String("me:pw"u8), proxy.Heads.Last(), StringComparison.Ordinal);
        Assert.Equal("HTTP/2", server.Requests.Single().Headers["protocol"]);
    }

    [Fact]
    public async Task TlsServerName_BehindAProxy_StillDialsTheServer()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["kubernetes"]), TlsServer.VersionAsync);
        using var proxy = ConnectProxy.Start(asksForPassword: false);
        await using var client = Client(server, configuration => configuration with { Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"), TlsServerName = "kubernetes" });
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
        Assert.Contains($"CONNECT 127.0.0.1:{server.Address.Port} HTTP/1.1", proxy.Heads.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://api.example:6443", "http://proxy:1", "", "http://proxy:1/")]
    [InlineData("https://api.example:6443", "proxy:1", "", "http://proxy:1/")]
    [InlineData("https://api.example:6443", "socks5h://proxy:1", "", "socks5://proxy:1/")]
    [InlineData("https://api.example:6443", "http://proxy:1", "example", null)]
    [InlineData("https://api.example:6443", "http://proxy:1", ".example", null)]
    [InlineData("https://api.example:6443", "http://proxy:1", "other, *", null)]
    [InlineData("https://api.example:6443", "http://proxy:1", "api.example:443", "http://proxy:1/")]
    [InlineData("https://api.example:6443", "http://proxy:1", "api.example:6443", null)]
    [InlineData("https://notexample:6443", "http://proxy:1", "example", "http://proxy:1/")]
    [InlineData("https://10.1.2.3:6443", "http://proxy:1", "10.0.0.0/8", null)]
    [InlineData("https://11.1.2.3:6443", "http://proxy:1", "10.0.0.0/8", "http://proxy:1/")]
    [InlineData("https://127.0.0.1:6443", "http://proxy:1", "", null)]
    [InlineData("https://localhost:6443", "http://proxy:1", "", null)]
    [InlineData("http://api.example:6443", "http://proxy:1", "", null)]
    public void Proxy_OfTheEnvironment_IsChosenAsGoDoes(string server, string proxy, string exceptions, string? expected)
    {
        var configuration = new ClusterConfiguration
        {
            Server = new Uri(server),
            Environment = name => name switch { "https_proxy" => proxy, "NO_PROXY" => exceptions, _ => null },
        };
        var chosen = ClusterProxy.For(configuration);
        var address = chosen.IsBypassed(configuration.Server) ? null : chosen.GetProxy(configuration.Server);
        Assert.Equal(expected, address == configuration.Server ? null : address?.ToString());
    }

    [Fact]
    public void Configuration_Printed_ShowsNoCredential()
    {
        var configuration = new ClusterConfiguration { Server = new Uri("https://h:1"), Token = "s3cret", Password = "s3cret", Context = "c", Exec = Plugin("p") with { Args = ["s3cret"] } };
        Assert.DoesNotContain("s3cret", $"{configuration} {configuration.Exec}", StringComparison.Ordinal);
    }

    private static async Task<string> ReadAsync(string file)
    {
        try
        {
            return await File.ReadAllTextAsync(file);
        }
        catch (IOException)
        {
            return "State:\tZ";
        }
    }

    private static string Authorization(TlsServer server) => server.Requests.Single().Headers["Authorization"];

    private ExecPlugin Plugin(string script) => new() { Command = Path.Combine(folder.Path, script), Origin = "exec plugin of user \"u\" in /x/config" };

    private Task<TlsServer> ServerAsync(RequestDelegate? answer = null) => TlsServer.StartAsync(authority.Server(["127.0.0.1"]), answer ?? TlsServer.VersionAsync);

    private KubernetesClient Client(TlsServer server, Func<ClusterConfiguration, ClusterConfiguration> change) =>
        new(change(new ClusterConfiguration { Server = server.Address, CertificateAuthority = [authority.Certificate], Environment = _ => null }), clock);

    /// <summary>A proxy that knows CONNECT and asks for a password once.</summary>
    private sealed class ConnectProxy(bool asksForPassword) : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public static ConnectProxy Start(bool asksForPassword)
        {
            var proxy = new ConnectProxy(asksForPassword);
            proxy.listener.Start();
            _ = proxy.AcceptAsync();
            return proxy;
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public List<string> Heads { get; } = [];

        public void Dispose() => listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = TunnelAsync(await listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task TunnelAsync(TcpClient client)
        {
            using (client)
            {
                var near = client.GetStream();
                var head = await HeadAsync(near);
                Heads.Add(head);
                if (asksForPassword && !head.Contains("Proxy-Authorization", StringComparison.Ordinal))
                {
                    await near.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                    head = await HeadAsync(near);
                    if (head.Length == 0)
                    {
                        return;
                    }

                    Heads.Add(head);
                }

                using var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, int.Parse(head.Split(' ')[1].Split(':')[1]));
                await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
                await Task.WhenAny(near.CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near));
            }
        }

        private static async Task<string> HeadAsync(NetworkStream stream)
        {
            var text = new StringBuilder();
            var one = new byte[1];
            while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            {
                text.Append((char)one[0]);
            }

            return text.ToString();
        }
    }
}
