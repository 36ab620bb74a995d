using System.Runtime.Versioning;
using System.Text;
using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Connection;

[UnsupportedOSPlatform("windows")]
public sealed class KubeconfigTests : IDisposable
{
    private const string Simple = """
        apiVersion: v1
        kind: Config
        current-context: prod
        clusters:
        - name: c1
          cluster: { server: "https://10.0.0.1:6443/k8s/c" }
        users:
        - name: u1
          user: { token: t1 }
        contexts:
        - name: prod
          context: { cluster: c1, user: u1, namespace: shop }
        - name: bare
          context: { cluster: c1 }
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_OfOneFile_SelectsTheCurrentContext()
    {
        var config = Kubeconfig.Load(folder.Write("config", Simple));
        Assert.Equal("prod", config.CurrentContext);
        Assert.Equal(["bare", "prod"], config.Contexts);
        var selected = config.Select();
        Assert.Equal("https://10.0.0.1:6443/k8s/c", selected.Server.ToString());
        Assert.Equal(("shop", "t1", "prod"), (selected.Namespace, selected.Token, selected.Context));
        Assert.Equal("default", config.Select("bare").Namespace);
        Assert.Null(config.Select("bare").Token);
        Assert.Equal($"https://10.0.0.1:6443/k8s/c (context \"prod\" of {folder.Path}/config)", selected.ToString());
    }

    [Fact]
    public void Load_OfSeveralFiles_TakesTheFirstOfEachEntry()
    {
        var first = folder.Write("a/config", """
            clusters:
            - { name: c1, cluster: { server: "https://first:1" } }
            contexts: null
            """);
        var second = folder.Write("b/config", Simple.Replace("token: t1", "tokenFile: secrets/token", StringComparison.Ordinal));
        var config = Kubeconfig.Load(null, Variables(("KUBECONFIG", $"{first}:{folder.Path}/missing:{second}:{first}")));
        var selected = config.Select();
        Assert.Equal("https://first:1/", selected.Server.ToString());
        Assert.Equal(Path.Combine(folder.Path, "b", "secrets/token"), selected.TokenFile);
        Assert.Equal([first, second], config.Files);
    }

    [Fact]
    public void Load_WithoutVariables_TakesTheHomeDirectory()
    {
        folder.Write(".kube/config", Simple);
        Assert.Equal("prod", Kubeconfig.Load(null, Variables(("HOME", folder.Path))).CurrentContext);
    }

    [Fact]
    public void Load_WithoutAnyFile_SaysWhereItLooked()
    {
        Assert.Equal($"no kubeconfig found: {folder.Path}/.kube/config does not exist; name one with --kubeconfig or KUBECONFIG", Failure(() => Kubeconfig.Load(null, Variables(("HOME", folder.Path)))));
        Assert.Equal("no kubeconfig found: /x/a, /x/b do not exist (from KUBECONFIG); name one with --kubeconfig or KUBECONFIG", Failure(() => Kubeconfig.Load(null, Variables(("KUBECONFIG", "/x/a:/x/b")))));
        Assert.Equal("/x/config: there is no such file; name an existing kubeconfig", Failure(() => Kubeconfig.Load("/x/config")));
    }

    [Fact]
    public void Select_OfWhatIsMissing_NamesWhatIsThere()
    {
        var file = folder.Write("config", Simple.Replace("cluster: c1, user: u1", "cluster: c2, user: u1", StringComparison.Ordinal)
            .Replace("context: { cluster: c1 }", "context: { cluster: c1, user: u2 }", StringComparison.Ordinal));
        var config = Kubeconfig.Load(file);
        Assert.Equal($"context \"dev\" is not in {file}; contexts there: bare, prod", Failure(() => config.Select("dev")));
        Assert.Equal($"context \"prod\" in {file} names the cluster \"c2\", which is not in {file}; clusters there: c1", Failure(() => config.Select()));
        Assert.Equal($"context \"bare\" in {file} names the user \"u2\", which is not in {file}; users there: u1", Failure(() => config.Select("bare")));
        var empty = folder.Write("empty", "");
        Assert.Equal($"no current-context is set in {empty}; name a context: none", Failure(() => Kubeconfig.Load(empty).Select()));
    }

    [Fact]
    public void Select_WithCertificateFiles_ReadsThemRelativeToTheirFile()
    {
        var authority = new Authority();
        var (certificate, key) = authority.Client("me", "ec-pkcs8");
        folder.Write("pki/ca.pem", authority.Pem);
        folder.Write("pki/me.pem", certificate);
        var file = folder.Write("config", $$"""
            clusters:
            - name: c
              cluster: { server: "https://h:1", certificate-authority: pki/ca.pem, tls-server-name: kubernetes, proxy-url: "socks5://p:1080" }
            users:
            - name: u
              user: { client-certificate: pki/me.pem, client-key-data: {{Base64(key)}}, as: jane, as-groups: [dev], as-uid: "7", as-user-extra: { project: [a, b] } }
            contexts:
            - { name: x, context: { cluster: c, user: u } }
            """);
        var selected = Kubeconfig.Load(file).Select("x");
        Assert.Equal(authority.Certificate.Thumbprint, Assert.Single(selected.CertificateAuthority).Thumbprint);
        Assert.True(selected.ClientCertificate[0].HasPrivateKey);
        Assert.Equal(("kubernetes", "socks5://p:1080/"), (selected.TlsServerName, selected.Proxy!.ToString()));
        Assert.Equal(("jane", "7"), (selected.Impersonate!.User, selected.Impersonate.Uid));
        Assert.Equal(["dev"], selected.Impersonate.Groups);
        Assert.Equal(["a", "b"], selected.Impersonate.Extra["project"]);
    }

    [Fact]
    public void Select_WithAnExecPlugin_ReadsItWhole()
    {
        var file = folder.Write("config", """
            clusters:
            - name: c
              cluster:
                server: https://h:1
                extensions:
                - name: client.authentication.k8s.io/exec
                  extension: { audience: "06e3", number: 7, flag: true, nothing: null }
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  command: ./bin/login
                  args: [get-token, 7]
                  env: [{ name: A, value: b }]
                  installHint: get it
                  provideClusterInfo: true
                  interactiveMode: IfAvailable
            contexts:
            - { name: x, context: { cluster: c, user: u } }
            """);
        var plugin = Kubeconfig.Load(file).Select("x").Exec!;
        Assert.Equal(Path.Combine(folder.Path, "./bin/login"), plugin.Command);
        Assert.Equal(["get-token", "7"], plugin.Args);
        Assert.Equal("b", plugin.Env["A"]);
        Assert.Equal("""{"audience":"06e3","number":7,"flag":true,"nothing":null}""", plugin.ClusterConfig!.Value.GetRawText());
        Assert.Equal($"exec plugin of user \"u\" in {file}", plugin.Origin);
    }

    [Theory]
    [InlineData("cluster: { server: h:1 }", "http://h:1/")]
    [InlineData("cluster: { server: h:1, insecure-skip-tls-verify: true }", "https://h:1/")]
    public void Server_WithoutAScheme_IsReadAsKubectlDoes(string cluster, string expected) =>
        Assert.Equal(expected, Kubeconfig.Load(File($"clusters: [{{ name: c, {cluster} }}]\ncontexts: [{{ name: x, context: {{ cluster: c }} }}]")).Select("x").Server.ToString());

    [Theory]
    [InlineData("cluster: { }", "", "cluster \"c\" in FILE names no server; add \"server: https://HOST:PORT\"")]
    [InlineData("cluster: { server: \"ftp://h\" }", "", "cluster \"c\" in FILE: server is no address; write https://HOST:PORT")]
    [InlineData("cluster: { server: \"https://h\", certificate-authority: none.pem }", "", "DIR/none.pem (certificate-authority of cluster \"c\" in FILE) cannot be read")]
    [InlineData("cluster: { server: \"https://h\", certificate-authority-data: \"%%%\" }", "", "cluster \"c\" in FILE: certificate-authority-data is not base64")]
    [InlineData("cluster: { server: \"https://h\", certificate-authority-data: aGVsbG8= }", "", "cluster \"c\" in FILE: certificate-authority-data holds no PEM certificate")]
    [InlineData("cluster: { server: \"https://h\", certificate-authority-data: aGVsbG8=, insecure-skip-tls-verify: true }", "", "cluster \"c\" in FILE: insecure-skip-tls-verify and certificate-authority exclude each other")]
    [InlineData("cluster: { server: \"https://h\", insecure-skip-tls-verify: maybe }", "", "FILE:1:81: \"insecure-skip-tls-verify\" must be true or false, and is a text")]
    [InlineData("cluster: { server: \"https://h\", proxy-url: \"gopher://p\" }", "", "cluster \"c\" in FILE: proxy-url is no proxy address")]
    [InlineData("cluster: { server: \"https://h\" }", "token: [s3cret]", "FILE:2:35: \"token\" must be a text, and is a list")]
    [InlineData("cluster: { server: \"https://h\" }", "token: s3cret, username: u", "user \"u\" in FILE: a token and a username exclude each other")]
    [InlineData("cluster: { server: \"https://h\" }", "client-key: k.pem", "DIR/k.pem (client-key of user \"u\" in FILE) cannot be read")]
    [InlineData("cluster: { server: \"https://h\" }", "client-key-data: aGVsbG8=", "user \"u\" in FILE: client-certificate is missing; the two belong together")]
    [InlineData("cluster: { server: \"https://h\" }", "auth-provider: { name: gcp }", "user \"u\" in FILE: auth-provider was removed")]
    [InlineData("cluster: { server: \"https://h\" }", "as-groups: [a]", "user \"u\" in FILE: as-uid, as-groups and as-user-extra need \"as:\"")]
    [InlineData("cluster: { server: \"https://h\" }", "exec: { apiVersion: client.authentication.k8s.io/v1 }", "exec plugin of user \"u\" in FILE: it has no command")]
    [InlineData("cluster: { server: \"https://h\" }", "exec: { command: x, apiVersion: client.authentication.k8s.io/v1alpha1 }", "exec plugin of user \"u\" in FILE: apiVersion is \"client.authentication.k8s.io/v1alpha1\"")]
    [InlineData("cluster: { server: \"https://h\" }", "exec: { command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always }", "exec plugin of user \"u\" in FILE: interactiveMode is \"Always\"")]
    public void Select_OfABrokenEntry_NamesFileEntryAndMend(string cluster, string user, string expected)
    {
        var file = File($"clusters: [{{ name: c, {cluster} }}]\nusers: [{{ name: u, user: {{ {user} }} }}]\ncontexts: [{{ name: x, context: {{ cluster: c, user: u }} }}]");
        var message = Failure(() => Kubeconfig.Load(file).Select("x"));
        Assert.StartsWith(expected.Replace("FILE", file, StringComparison.Ordinal).Replace("DIR", folder.Path, StringComparison.Ordinal), message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: &x [*x]", "FILE:1:8: the alias *x stands inside its own anchor &x, which never ends")]
    [InlineData("a: *x", "FILE:1:4: the alias *x has no anchor &x before it")]
    [InlineData("clusters:\n\t- name: c", "FILE:2:1: a tab indents this line; YAML allows spaces only")]
    [InlineData("a: 1\na: 2", "FILE:2:1: \"a\" is there twice; remove one")]
    [InlineData("clusters: 5", "FILE:1:11: \"clusters\" must be a list, and is a text")]
    [InlineData("clusters: [5]", "FILE:1:12: \"clusters\" must be a list of mappings, and is a text")]
    [InlineData("clusters: [{ cluster: {} }]", "FILE:1:12: this entry of \"clusters\" has no name")]
    [InlineData("clusters: [{ name: c }, { name: c }]", "FILE:1:25: the cluster \"c\" is there twice; remove one")]
    [InlineData("- a\n- b", "FILE:1:1: a kubeconfig is a mapping")]
    [InlineData("just text", "FILE:1:1: a kubeconfig is a mapping")]
    [InlineData("a: [1, 2", "FILE:")]
    [InlineData("a: \"unclosed", "FILE:")]
    [InlineData("? [1, 2]\n: x", "FILE:")]
    [InlineData("a: b: c", "FILE:1:")]
    [InlineData("%YAML 9.9\n---\na: 1", "FILE:")]
    [InlineData("a: !!binary x", "")]
    [InlineData("kind: Pod\napiVersion: v1", "FILE: its kind is \"Pod\", not \"Config\"; that is no kubeconfig")]
    [InlineData("apiVersion: v2", "FILE: its apiVersion is \"v2\"")]
    [InlineData("base: &b { server: x }\nclusters: [{ name: c, cluster: { <<: *b } }]", "FILE:2:34: merge keys")]
    [InlineData("{\"a\": \"\\uD800\"}", "FILE:1:7: it is no valid YAML")]
    public void Load_OfAHostileFile_GivesOneClearMessage(string text, string expected)
    {
        var file = File(text);
        if (expected.Length == 0)
        {
            Assert.Empty(Kubeconfig.Load(file).Contexts);
            return;
        }

        var message = Failure(() => Kubeconfig.Load(file));
        Assert.StartsWith(expected.Replace("FILE", file, StringComparison.Ordinal), message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Load_OfAFileWithoutEnd_StopsAtTheLimit()
    {
        Assert.Equal("/dev/zero: it is larger than 8 MB; that is no kubeconfig", Failure(() => Kubeconfig.Load("/dev/zero")));
        var file = Path.Combine(folder.Path, "big");
        using (var stream = System.IO.File.Create(file))
        {
            stream.SetLength(50 * 1024 * 1024);
        }

        Assert.Contains("larger than 8 MB", Failure(() => Kubeconfig.Load(file)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Load_OfDeepNesting_StopsAtTheLimit(string opening)
    {
        var file = File(new StringBuilder().Insert(0, opening, 200_000).ToString());
        Assert.Contains("nested deeper than 32 levels", Failure(() => Kubeconfig.Load(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfManyAliases_DoesNotMultiplyThem()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 25; i++)
        {
            text.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");
        }

        Assert.Empty(Kubeconfig.Load(File(text.ToString())).Contexts);
        text.Append("clusters: [{ name: c, cluster: { server: \"https://h\", extensions: [{ name: client.authentication.k8s.io/exec, extension: *a24 }] } }]\n");
        text.Append("users: [{ name: u, user: { exec: { command: x, apiVersion: client.authentication.k8s.io/v1 } } }]\ncontexts: [{ name: x, context: { cluster: c, user: u } }]");
        Assert.Contains("too many entries", Failure(() => Kubeconfig.Load(File(text.ToString())).Select("x")), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfBinary_IsNoKubeconfig()
    {
        var file = Path.Combine(folder.Path, "binary");
        System.IO.File.WriteAllBytes(file, [0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]);
        Assert.Equal($"{file}: it is not UTF-8 text; that is no kubeconfig", Failure(() => Kubeconfig.Load(file)));
        Assert.Contains("holds NUL bytes", Failure(() => Kubeconfig.Load(File("clusters: []\0"))), StringComparison.Ordinal);
    }

    [Fact]
    public void InCluster_WithAServiceAccount_ReadsIt()
    {
        folder.Write("token", "t");
        folder.Write("namespace", "shop\n");
        folder.Write("ca.crt", new Authority().Pem);
        var variables = Variables(("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "443"));
        var configuration = ClusterConfiguration.InCluster(variables, folder.Path);
        Assert.Equal("https://[fd00::1]/", configuration.Server.ToString());
        Assert.Equal(("shop", Path.Combine(folder.Path, "token")), (configuration.Namespace, configuration.TokenFile));
        Assert.Single(configuration.CertificateAuthority);
        Assert.Contains("does not run in a cluster", Failure(() => ClusterConfiguration.InCluster(Variables(), folder.Path)), StringComparison.Ordinal);
        Assert.Contains("automountServiceAccountToken", Failure(() => ClusterConfiguration.InCluster(variables, "/x")), StringComparison.Ordinal);
    }

    private static string Failure(Func<object> act) => Assert.Throws<KubeconfigException>(act).Message;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Func<string, string?> Variables(params (string Name, string Value)[] set) =>
        name => set.FirstOrDefault(one => one.Name == name).Value;

    private string File(string text) => folder.Write("config", text);
}
