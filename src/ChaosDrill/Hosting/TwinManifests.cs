using ChaosDrill.Engine;
using ChaosDrill.Twin;

namespace ChaosDrill.Hosting;

/// <summary>A manifest that a twin is furnished with.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Yaml">Its text.</param>
internal sealed record TwinManifest(string Name, string Yaml);

/// <summary>Furnishes twins.</summary>
internal static class TwinManifests
{
    private const string ShopResource = "shop.yaml";

    /// <summary>The small shop that a twin starts with when nothing else is asked for.</summary>
    public static TwinManifest Shop
    {
        get
        {
            using var stream = typeof(TwinManifests).Assembly.GetManifestResourceStream(ShopResource)
                ?? throw new InvalidOperationException("the shop's manifest is not built in");
            using var reader = new StreamReader(stream);
            return new TwinManifest("the built-in shop", reader.ReadToEnd());
        }
    }

    /// <summary>Reads manifest files.</summary>
    /// <param name="files">Path of each, and where it was named.</param>
    /// <exception cref="CommandException">One cannot be read.</exception>
    public static IReadOnlyList<TwinManifest> Read(IEnumerable<(string Path, string NamedBy)> files)
    {
        var manifests = new List<TwinManifest>();
        foreach (var (path, namedBy) in files)
        {
            try
            {
                manifests.Add(new TwinManifest(path, File.ReadAllText(path)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.BadUsage, $"{namedBy}: cannot read the manifest {path}: {FileFaults.Explain(e, path)}", e);
            }
        }

        return manifests;
    }

    /// <summary>Applies manifests to a twin.</summary>
    /// <exception cref="CommandException">One is not what Kubernetes accepts.</exception>
    public static void Apply(TwinCluster twin, IEnumerable<TwinManifest> manifests)
    {
        foreach (var manifest in manifests)
        {
            try
            {
                twin.Apply(manifest.Yaml);
            }
            catch (TwinManifestException e)
            {
                throw new CommandException(ExitCode.BadUsage, $"{manifest.Name}: the twin does not accept it: {e.Message}", e);
            }
        }
    }

    /// <summary>Waits until every workload of a twin is ready; one that never gets ready is the drill's to find.</summary>
    public static async Task SettleAsync(TwinCluster twin, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            await Waiting.ForAsync(twin.WaitUntilSettledAsync(limit), limit, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The steady state will say which workload is not ready, and why.
        }
    }
}
