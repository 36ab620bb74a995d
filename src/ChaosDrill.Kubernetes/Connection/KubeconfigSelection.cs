namespace ChaosDrill.Kubernetes;

/// <summary>Turns the entries of a kubeconfig into a configuration, as client-go does.</summary>
internal static class KubeconfigSelection
{
    public static ClusterConfiguration Cluster(KubeconfigEntry entry)
    {
        var insecure = entry.Flag("insecure-skip-tls-verify");
        var authority = entry.Pem("certificate-authority");
        if (insecure && authority is not null)
        {
            throw new KubeconfigException($"{entry.Origin}: insecure-skip-tls-verify and certificate-authority exclude each other; remove one");
        }

        return new ClusterConfiguration
        {
            Server = Server(entry),
            InsecureSkipTlsVerify = insecure,
            CertificateAuthority = authority is { } pem ? Certificates.Authorities(pem.Pem, pem.Origin) : [],
            TlsServerName = entry.Text("tls-server-name"),
            Proxy = entry.Text("proxy-url") is { } proxy ? ClusterProxy.Parse(proxy, $"{entry.Origin}: proxy-url") : null,
        };
    }

    public static ClusterConfiguration WithUser(ClusterConfiguration configuration, KubeconfigEntry user, KubeconfigEntry cluster)
    {
        if (user.Submap("auth-provider") is not null)
        {
            throw new KubeconfigException($"{user.Origin}: auth-provider was removed from Kubernetes 1.26; configure the provider's exec plugin");
        }

        var certificate = user.Pem("client-certificate");
        var key = user.Pem("client-key");
        if (certificate is null != key is null)
        {
            throw new KubeconfigException($"{user.Origin}: {(key is null ? "client-key" : "client-certificate")} is missing; the two belong together");
        }

        var exec = user.Submap("exec");
        var token = user.Text("token");
        var tokenFile = user.FilePath("tokenFile");
        var name = user.Text("username");
        var password = user.Text("password");
        if (name is not null && (token ?? tokenFile) is not null)
        {
            throw new KubeconfigException($"{user.Origin}: a token and a username exclude each other; remove one");
        }

        if (password is not null && name is null)
        {
            throw new KubeconfigException($"{user.Origin}: a password without a username; add \"username:\"");
        }

        return configuration with
        {
            ClientCertificate = certificate is { } pem && key is { } keyPem ? Certificates.Client(pem.Pem, keyPem.Pem, pem.Origin, keyPem.Origin) : [],
            Token = token,
            TokenFile = tokenFile,
            Username = name,
            Password = password,
            // client-go prefers what stands in the file to what a plugin would give.
            Exec = exec is not null && token is null && tokenFile is null && name is null ? Plugin(user, exec, cluster) : null,
            Impersonate = Impersonated(user),
        };
    }

    private static Uri Server(KubeconfigEntry entry)
    {
        var text = entry.Text("server") ?? throw new KubeconfigException($"{entry.Origin} names no server; add \"server: https://HOST:PORT\"");
        var secure = entry.Text("certificate-authority") ?? entry.Text("certificate-authority-data") ?? (entry.Flag("insecure-skip-tls-verify") ? "" : null);
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : (secure is null ? "http://" : "https://") + text;
        return Uri.TryCreate(whole, UriKind.Absolute, out var server) && server.Scheme is "http" or "https" && server.Host.Length > 0
            && server.UserInfo.Length == 0 && server.Query.Length == 0
            ? server
            : throw new KubeconfigException($"{entry.Origin}: server is no address; write https://HOST:PORT");
    }

    private static ExecPlugin Plugin(KubeconfigEntry user, KubeconfigMap exec, KubeconfigEntry cluster)
    {
        var origin = $"exec plugin of {user.Origin}";
        var command = KubeconfigEntry.Scalar(exec, "command")?.Value is { Length: > 0 } named
            ? named
            : throw new KubeconfigException($"{origin}: it has no command; add \"command:\"");
        var version = KubeconfigEntry.Scalar(exec, "apiVersion")?.Value;
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw new KubeconfigException(
                $"{origin}: apiVersion is \"{version}\"; \"client.authentication.k8s.io/v1\" and \"client.authentication.k8s.io/v1beta1\" are known: update the plugin");
        }

        if (KubeconfigEntry.Scalar(exec, "interactiveMode")?.Value == "Always")
        {
            throw new KubeconfigException($"{origin}: interactiveMode is \"Always\", and a drill has no terminal to offer; use a user that logs in by itself");
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in KubeconfigEntry.List(exec, "env")?.Items ?? [])
        {
            var pair = item as KubeconfigMap ?? throw KubeconfigEntry.Wrong(item, "env", "a list of name and value");
            var name = KubeconfigEntry.Scalar(pair, "name")?.Value is { Length: > 0 } text ? text : throw new KubeconfigException($"{pair.Place}: this entry of \"env\" has no name");
            variables[name] = KubeconfigEntry.Scalar(pair, "value")?.Value ?? "";
        }

        return new ExecPlugin
        {
            // As the certificates: with a separator the path is relative to the file's directory; without, PATH decides.
            Command = command.Contains('/', StringComparison.Ordinal) ? Path.Combine(user.Directory, command) : command,
            Args = KubeconfigEntry.Texts(exec, "args"),
            Env = variables,
            ApiVersion = version,
            InstallHint = KubeconfigEntry.Scalar(exec, "installHint")?.Value,
            ProvideClusterInfo = KubeconfigEntry.Flag(exec, "provideClusterInfo"),
            ClusterConfig = Extension(cluster),
            Origin = origin,
        };
    }

    private static System.Text.Json.JsonElement? Extension(KubeconfigEntry cluster)
    {
        var found = KubeconfigEntry.List(cluster.Map, "extensions")?.Items.OfType<KubeconfigMap>()
            .FirstOrDefault(item => KubeconfigEntry.Scalar(item, "name")?.Value == "client.authentication.k8s.io/exec");
        return found?.Members.GetValueOrDefault("extension") is { } extension ? KubeconfigEntry.Json(extension) : null;
    }

    private static Impersonation? Impersonated(KubeconfigEntry user)
    {
        var extra = user.Submap("as-user-extra");
        var impersonated = new Impersonation
        {
            User = user.Text("as"),
            Uid = user.Text("as-uid"),
            Groups = user.Texts("as-groups"),
            Extra = extra?.Members.Keys.ToDictionary(key => key, key => KubeconfigEntry.Texts(extra, key), StringComparer.Ordinal) ?? [],
        };
        if (impersonated is { User: null, Uid: null, Groups.Count: 0, Extra.Count: 0 })
        {
            return null;
        }

        return impersonated.User is not null
            ? impersonated
            : throw new KubeconfigException($"{user.Origin}: as-uid, as-groups and as-user-extra need \"as:\" with a user");
    }
}
