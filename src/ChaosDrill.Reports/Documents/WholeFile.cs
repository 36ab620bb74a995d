namespace ChaosDrill.Reports.Documents;

/// <summary>Writes files that are there whole or not at all.</summary>
public static class WholeFile
{
    /// <summary>Replaces a file at once.</summary>
    /// <exception cref="IOException">It cannot be written; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; the old file is as it was.</exception>
    public static void Replace(string path, string text)
    {
        // In the same folder, or the move would be a copy. Two writers of one file must not share it.
        var temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
