namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>Where the sources are: tests that check documents against code read them there.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ChaosDrill.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"There is no ChaosDrill.sln above {AppContext.BaseDirectory}.");
        }

        return folder;
    }
}
