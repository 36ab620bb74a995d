using ChaosDrill.Kubernetes;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>A disk of a few megabytes, in memory; gone with the test. Who may not mount is told that the test did not run.</summary>
internal sealed class SmallDisk : IDisposable
{
    public required string Folder { get; init; }

    public static async Task<SmallDisk> MakeAsync(string parent, int megabytes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, "small")).FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder), "needs the right to mount a tmpfs");
        return new SmallDisk { Folder = folder };
    }

    public void Dispose() => RunAsync("umount", "-l", Folder).GetAwaiter().GetResult();

    private static async Task<bool> RunAsync(string program, params string[] arguments) =>
        (await RunningProgram.RunAsync(new ProgramCall { Program = program, Arguments = arguments, Timeout = TimeSpan.FromSeconds(20) }, TimeProvider.System, CancellationToken.None)).ExitCode == 0;
}
