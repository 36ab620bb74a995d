using System.Net;
using System.Net.Sockets;
using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Connection;

public sealed class TlsTests
{
    private readonly Authority authority = new();

    [Theory]
    [InlineData("rsa-pkcs1")]
    [InlineData("rsa-pkcs8")]
    [InlineData("ec-sec1")]
    [InlineData("ec-pkcs8")]
    public async Task Client_WithACertificateAndKey_IsKnownToTheServerOverHttp2(string form)
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), TlsServer.VersionAsync, clientCertificates: true);
        var (certificate, key) = authority.Client("drill-user", form);
        await using var client = Client(server, configuration => configuration with { ClientCertificate = Certificates.Client(certificate, key, "c", "k") });
        Assert.Equal("CN=drill-user", (await client.GetServerVersionAsync()).Platform);
        Assert.Equal("HTTP/2", Assert.Single(server.Requests).Headers["protocol"]);
    }

    [Fact]
    public async Task Server_SignedByAnother_IsRefusedWithBothNames()
    {
        await using var server = await TlsServer.StartAsync(new Authority("other-ca").Server(["127.0.0.1"]), TlsServer.VersionAsync);
        var error = await FailureAsync(server);
        Assert.Equal(UnreachableCause.CertificateUntrusted, error.Cause);
        Assert.Contains("signed by unknown authority \"CN=other-ca\", not by the certificate-authority in use (CN=test-ca)", error.Message, StringComparison.Ordinal);
        Assert.Contains(server.Address.ToString().TrimEnd('/'), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_SignedByANamesakeOfTheAuthority_IsRefused()
    {
        await using var server = await TlsServer.StartAsync(new Authority("test-ca").Server(["127.0.0.1"]), TlsServer.VersionAsync);
        Assert.Equal(UnreachableCause.CertificateUntrusted, (await FailureAsync(server)).Cause);
    }

    [Fact]
    public async Task Server_WithoutAKnownAuthority_IsRefused()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), TlsServer.VersionAsync);
        var error = await FailureAsync(server, configuration => configuration with { CertificateAuthority = [] });
        Assert.Contains("which this machine does not trust", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithAnExpiredCertificate_IsRefusedWithTheDate()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"], TimeSpan.FromDays(-2)), TlsServer.VersionAsync);
        var error = await FailureAsync(server);
        Assert.Equal(UnreachableCause.CertificateExpired, error.Cause);
        Assert.Contains($"the server's certificate expired on {Authority.Clock.AddDays(-2):yyyy-MM-dd}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithACertificateForAnotherName_IsRefusedWithItsNames()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["kubernetes.default", "10.0.0.1"]), TlsServer.VersionAsync);
        var error = await FailureAsync(server);
        Assert.Equal(UnreachableCause.CertificateNameMismatch, error.Cause);
        Assert.Contains("is for kubernetes.default, 10.0.0.1, not for \"127.0.0.1\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("tls-server-name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TlsServerName_ThatTheCertificateHas_IsAccepted()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["kubernetes.default"]), TlsServer.VersionAsync);
        await using var client = Client(server, configuration => configuration with { TlsServerName = "kubernetes.default" });
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
    }

    [Fact]
    public async Task TlsServerName_ThatTheCertificateLacks_IsRefused()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), TlsServer.VersionAsync);
        var error = await FailureAsync(server, configuration => configuration with { TlsServerName = "wrong.example" });
        Assert.Equal(UnreachableCause.CertificateNameMismatch, error.Cause);
        Assert.Contains("not for \"wrong.example\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InsecureSkipTlsVerify_WithAnyCertificate_IsAccepted()
    {
        await using var server = await TlsServer.StartAsync(new Authority("other-ca").Server(["elsewhere"], TimeSpan.FromDays(-2)), TlsServer.VersionAsync);
        await using var client = Client(server, configuration => configuration with { CertificateAuthority = [], InsecureSkipTlsVerify = true });
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
    }

    [Fact]
    public async Task Authority_ThatIsAnIntermediate_IsTrustedAsGoDoes()
    {
        var intermediate = new Authority("intermediate-ca", authority);
        await using var server = await TlsServer.StartAsync(intermediate.Server(["127.0.0.1"]), TlsServer.VersionAsync);
        await using var client = Client(server, configuration => configuration with { CertificateAuthority = [intermediate.Certificate] });
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion);
    }

    [Fact]
    public async Task Server_ThatDoesNotListen_IsRefusedWithItsOrigin()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var configuration = new ClusterConfiguration { Server = new Uri($"https://127.0.0.1:{port}"), Context = "prod", Source = "/x/config" };
        await using var client = new KubernetesClient(configuration, TimeProvider.System);
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(() => client.GetServerVersionAsync());
        Assert.Equal(UnreachableCause.ConnectionRefused, error.Cause);
        Assert.StartsWith($"cannot reach the Kubernetes API server https://127.0.0.1:{port} (context \"prod\" of /x/config): connection refused", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WhoseNameIsUnknown_IsRefused()
    {
        var configuration = new ClusterConfiguration { Server = new Uri("https://no-such-host.invalid:6443"), Environment = _ => null };
        await using var client = new KubernetesClient(configuration, TimeProvider.System);
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(() => client.GetServerVersionAsync());
        Assert.Equal(UnreachableCause.NameNotResolved, error.Cause);
    }

    [Fact]
    public async Task Server_ThatSpeaksNoTls_IsRefused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepted = AnswerPlainlyAsync(listener);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var client = new KubernetesClient(new ClusterConfiguration { Server = new Uri($"https://127.0.0.1:{port}") }, TimeProvider.System);
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(() => client.GetServerVersionAsync());
        Assert.Equal(UnreachableCause.TlsFailed, error.Cause);
        await accepted;
    }

    [Fact]
    public async Task Server_ThatRedirects_IsNotFollowed()
    {
        await using var server = await TlsServer.StartAsync(authority.Server(["127.0.0.1"]), context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = "https://elsewhere.example/steal";
            return Task.CompletedTask;
        });
        await using var client = Client(server);
        Assert.Equal(302, (await Assert.ThrowsAsync<ApiException>(() => client.GetServerVersionAsync())).Code);
    }

    private static async Task AnswerPlainlyAsync(TcpListener listener)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        await connection.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\nClient sent no TLS"u8.ToArray());
    }

    private KubernetesClient Client(TlsServer server, Func<ClusterConfiguration, ClusterConfiguration>? change = null)
    {
        var configuration = new ClusterConfiguration { Server = server.Address, CertificateAuthority = [authority.Certificate], Environment = _ => null };
        return new KubernetesClient(change?.Invoke(configuration) ?? configuration, TimeProvider.System);
    }

    private async Task<ApiUnreachableException> FailureAsync(TlsServer server, Func<ClusterConfiguration, ClusterConfiguration>? change = null)
    {
        await using var client = Client(server, change);
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(() => client.GetServerVersionAsync());
        Assert.Empty(server.Requests);
        return error;
    }
}
