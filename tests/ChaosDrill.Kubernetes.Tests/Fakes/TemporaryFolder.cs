namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>A folder that vanishes with the test.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chaosdrill-").FullName;

    public string Write(string name, string text)
    {
        var file = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>A program of a few shell lines.</summary>
    public string Script(string name, string lines)
    {
        var file = Write(name, "#!/bin/sh\n" + lines);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
