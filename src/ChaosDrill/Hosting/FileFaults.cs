namespace ChaosDrill.Hosting;

/// <summary>Says in words why a file or folder cannot be used.</summary>
internal static class FileFaults
{
    /// <summary>The cause in a few words, with what to do about it.</summary>
    public static string Explain(Exception fault, string path) => fault switch
    {
        _ when Directory.Exists(path) && fault is UnauthorizedAccessException => "it is a directory; name a file",
        FileNotFoundException => "there is no such file; check the path",
        DirectoryNotFoundException => "its folder does not exist; check the path",
        UnauthorizedAccessException => "this user has no right to; change its permissions or name another",
        _ => fault.Message.TrimEnd('.'),
    };

    /// <summary>Makes sure that a folder exists and can be written to.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    public static void RequireWritable(string folder, string what, ExitCode code)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".chaosdrill-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                code, $"the {what} {Path.GetFullPath(folder)} cannot be written to: {e.Message.TrimEnd('.')}; name another folder or change its permissions", e);
        }
    }
}
