namespace ChaosDrill.Kubernetes;

/// <summary>What kubectl knows of clusters, users and contexts: one file, or several merged.</summary>
public sealed class Kubeconfig
{
    private readonly Dictionary<string, KubeconfigEntry> clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigEntry> users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigEntry> contexts = new(StringComparer.Ordinal);
    private readonly Func<string, string?> environment;
    private readonly List<string> files = [];

    private Kubeconfig(Func<string, string?> environment) => this.environment = environment;

    /// <summary>The context meant when none is named; null when no file sets one.</summary>
    public string? CurrentContext { get; private set; }

    /// <summary>The files that were read, in order.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>The names of all contexts, sorted.</summary>
    public IReadOnlyList<string> Contexts => [.. contexts.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// Reads the file named, else the files that KUBECONFIG lists (missing ones are passed over, the first to have an entry
    /// wins), else <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="path">A file; null takes the usual ones.</param>
    /// <param name="environment">Where variables are read; null is the process's environment.</param>
    /// <exception cref="KubeconfigException">A file cannot be used, or there is none.</exception>
    public static Kubeconfig Load(string? path = null, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        var config = new Kubeconfig(environment);
        if (path is not null)
        {
            if (!File.Exists(path))
            {
                throw new KubeconfigException($"{path}: there is no such file; name an existing kubeconfig");
            }

            config.Add(path);
            return config;
        }

        var listed = environment("KUBECONFIG");
        var home = environment("HOME") is { Length: > 0 } set ? set : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] candidates = string.IsNullOrEmpty(listed)
            ? [Path.Combine(home, ".kube", "config")]
            : listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var file in candidates.Distinct(StringComparer.Ordinal).Where(File.Exists))
        {
            config.Add(file);
        }

        return config.files.Count > 0
            ? config
            : throw new KubeconfigException(
                $"no kubeconfig found: {string.Join(", ", candidates)} {(candidates.Length == 1 ? "does" : "do")} not exist{(string.IsNullOrEmpty(listed) ? "" : " (from KUBECONFIG)")}; name one with --kubeconfig or KUBECONFIG");
    }

    /// <summary>Puts together what is needed to speak with the cluster of a context.</summary>
    /// <param name="context">The context; null takes the current one.</param>
    /// <exception cref="KubeconfigException">The context, or what it points to, is missing or cannot be used.</exception>
    public ClusterConfiguration Select(string? context = null)
    {
        var where = string.Join(", ", files);
        var name = context ?? CurrentContext
            ?? throw new KubeconfigException($"no current-context is set in {where}; name a context: {Known(contexts)}");
        var chosen = contexts.GetValueOrDefault(name)
            ?? throw new KubeconfigException($"context \"{name}\" is not in {where}; contexts there: {Known(contexts)}");
        var clusterName = chosen.Text("cluster") ?? throw new KubeconfigException($"{chosen.Origin} names no cluster; add \"cluster:\"");
        var cluster = clusters.GetValueOrDefault(clusterName)
            ?? throw new KubeconfigException($"{chosen.Origin} names the cluster \"{clusterName}\", which is not in {where}; clusters there: {Known(clusters)}");
        KubeconfigEntry? user = null;
        if (chosen.Text("user") is { } userName)
        {
            user = users.GetValueOrDefault(userName)
                ?? throw new KubeconfigException($"{chosen.Origin} names the user \"{userName}\", which is not in {where}; users there: {Known(users)}");
        }

        var configuration = KubeconfigSelection.Cluster(cluster) with
        {
            Context = name,
            Source = chosen.File,
            Namespace = chosen.Text("namespace") ?? "default",
            Environment = environment,
        };
        return user is null ? configuration : KubeconfigSelection.WithUser(configuration, user, cluster);
    }

    private static string Known(Dictionary<string, KubeconfigEntry> entries) =>
        entries.Count == 0 ? "none" : string.Join(", ", entries.Keys.Order(StringComparer.Ordinal));

    private void Add(string file)
    {
        var root = KubeconfigYaml.Load(file);
        var kind = KubeconfigEntry.Scalar(root, "kind")?.Value;
        if (kind is not null and not "Config")
        {
            throw new KubeconfigException($"{file}: its kind is \"{kind}\", not \"Config\"; that is no kubeconfig");
        }

        var version = KubeconfigEntry.Scalar(root, "apiVersion")?.Value;
        if (version is not null and not "v1")
        {
            throw new KubeconfigException($"{file}: its apiVersion is \"{version}\", not \"v1\"; that is no kubeconfig");
        }

        files.Add(file);
        CurrentContext ??= KubeconfigEntry.Scalar(root, "current-context")?.Value is { Length: > 0 } current ? current : null;
        Collect(root, file, "clusters", "cluster", clusters);
        Collect(root, file, "users", "user", users);
        Collect(root, file, "contexts", "context", contexts);
    }

    private static void Collect(KubeconfigMap root, string file, string plural, string singular, Dictionary<string, KubeconfigEntry> into)
    {
        var here = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in KubeconfigEntry.List(root, plural)?.Items ?? [])
        {
            var map = item as KubeconfigMap ?? throw KubeconfigEntry.Wrong(item, plural, "a list of mappings");
            var name = KubeconfigEntry.Scalar(map, "name")?.Value ?? throw new KubeconfigException($"{map.Place}: this entry of \"{plural}\" has no name");
            if (!here.Add(name))
            {
                throw new KubeconfigException($"{map.Place}: the {singular} \"{name}\" is there twice; remove one");
            }

            var inner = KubeconfigEntry.Submap(map, singular) ?? new KubeconfigMap(map.Place);
            into.TryAdd(name, new KubeconfigEntry(singular, name, file, inner));
        }
    }
}
