namespace ChaosDrill.Twin.Velero;

/// <summary>Where files are kept by their key: in memory, or in a folder that other twins may share.</summary>
/// <param name="folder">The folder; null keeps them in memory, so that they are gone with the twin.</param>
internal sealed class Bucket(string? folder)
{
    private readonly Dictionary<string, byte[]> files = new(StringComparer.Ordinal);

    public void Put(string key, byte[] content)
    {
        if (folder is null)
        {
            files[key] = content;
            return;
        }

        // Whole or not at all: another twin may be reading.
        var path = PathOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var half = $"{path}.{Environment.ProcessId}.part";
        File.WriteAllBytes(half, content);
        File.Move(half, path, overwrite: true);
    }

    public byte[]? Get(string key)
    {
        if (folder is null)
        {
            return files.GetValueOrDefault(key);
        }

        try
        {
            return File.ReadAllBytes(PathOf(key));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The names of the folders right under a prefix.</summary>
    public IReadOnlyList<string> FoldersUnder(string prefix) => folder is null
        ? [.. files.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)]
        : Directory.Exists(PathOf(prefix)) ? [.. Directory.GetDirectories(PathOf(prefix)).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)] : [];

    public void DeleteFolder(string prefix)
    {
        if (folder is not null)
        {
            if (Directory.Exists(PathOf(prefix)))
            {
                Directory.Delete(PathOf(prefix), recursive: true);
            }

            return;
        }

        foreach (var key in files.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            files.Remove(key);
        }
    }

    /// <summary>Keys come from names that the API server has checked; whatever else came would not leave the folder.</summary>
    private string PathOf(string key)
    {
        var path = Path.GetFullPath(Path.Combine(folder!, key));
        return path.StartsWith(Path.GetFullPath(folder!) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : throw new ArgumentException($"{key} is no key of a file in the bucket.", nameof(key));
    }
}
