using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

public sealed class ServerTests
{
    [Fact]
    public async Task Server_AskedWithTheToken_AnswersOverHttp2()
    {
        await using var cluster = new TwinCluster(new TwinOptions());
        cluster.Start();
        await using var server = await cluster.ServeAsync();
        Assert.Equal("127.0.0.1", server.Url.Host);
        using var http = Client(server, server.Token);
        using var answer = await http.GetAsync(new Uri(server.Url, "/api/v1/nodes"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Equal(3, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["items"]!.AsArray().Count);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/version")) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var old = await http.SendAsync(request);
        Assert.Equal(HttpVersion.Version11, old.Version);
    }

    [Theory]
    [InlineData("wrong", 401, "Unauthorized")]
    [InlineData(null, 403, "Forbidden")]
    public async Task Stranger_IsRefused(string? token, int code, string reason)
    {
        await using var cluster = new TwinCluster(new TwinOptions());
        cluster.Start();
        await using var server = await cluster.ServeAsync();
        using var http = Client(server, token);
        using var answer = await http.GetAsync(new Uri(server.Url, "/api/v1/pods"));
        Assert.Equal(code, (int)answer.StatusCode);
        Assert.Equal(reason, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["reason"]);
        using var health = await http.GetAsync(new Uri(server.Url, "/healthz"));
        Assert.Equal(token is null ? 200 : 401, (int)health.StatusCode);
        using var lever = await http.PutAsync(new Uri(server.Url, "/twin/components/kube-scheduler"), new StringContent("""{"state":"stopped"}"""));
        Assert.Equal(HttpStatusCode.Unauthorized, lever.StatusCode);
    }

    [Fact]
    public async Task Watch_OverASocket_DeliversAndEndsWithTheServer()
    {
        await using var cluster = new TwinCluster(new TwinOptions());
        cluster.Start();
        var server = await cluster.ServeAsync();
        using var http = Client(server, server.Token);
        using var response = await http.GetAsync(new Uri(server.Url, "/api/v1/namespaces/default/secrets?watch=true"), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        cluster.Apply("{ apiVersion: v1, kind: Secret, metadata: { name: s, namespace: default } }");
        Assert.Contains("\"ADDED\"", await reader.ReadLineAsync(), StringComparison.Ordinal);
        var rest = reader.ReadLineAsync();
        await server.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.NotNull(await rest));
    }

    [Fact]
    public async Task Kubeconfig_Written_IsForItsOwnerOnly()
    {
        var path = Path.Combine(Path.GetTempPath(), $"twin-{Guid.NewGuid():N}", "kubeconfig");
        await using var cluster = new TwinCluster(new TwinOptions());
        cluster.Start();
        await using var server = await cluster.ServeAsync();
        try
        {
            server.WriteKubeconfig(path);
            Assert.Contains("current-context: twin", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void Server_OnAVirtualClock_IsRefused() => TwinRun.Go(async run =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.Cluster.ServeAsync()));

    [Fact]
    public async Task Body_ThatIsNoProtobuf_IsRefusedClearly()
    {
        await using var cluster = new TwinCluster(new TwinOptions());
        cluster.Start();
        using var client = new TwinClient(cluster);
        foreach (var body in (string[])["k8s\0", "k8s\0\u0012\u007f", "nothing"])
        {
            var (status, answer) = await client.SendAsync("POST", "/api/v1/namespaces", body, "application/vnd.kubernetes.protobuf");
            Assert.Equal(400, status);
            Assert.Equal("BadRequest", (string?)answer!["reason"]);
        }
    }

    private static HttpClient Client(TwinServer server, string? token)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(server.AuthorityPem));
        handler.SslOptions.CertificateChainPolicy = policy;
        var http = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return http;
    }
}
