namespace ChaosDrill.Twin.Tests;

/// <summary>The manifest that ships with the scenarios.</summary>
internal static class Shop
{
    public static string Manifest { get; } = File.ReadAllText(Find());

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "scenarios", "twin", "shop.yaml");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("scenarios/twin/shop.yaml is not above the test's folder.");
    }
}
