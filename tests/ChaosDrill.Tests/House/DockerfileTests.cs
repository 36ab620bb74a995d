using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ChaosDrill.Tests.Process;

namespace ChaosDrill.Tests.House;

/// <summary>
/// The Dockerfile, as far as it can be tried without a container engine and without its base images: its steps are gone through in a
/// folder that becomes the root of the program, with this machine's <c>/usr</c> in the place of the base image's.
/// </summary>
public sealed partial class DockerfileTests : IDisposable
{
    private static readonly IReadOnlyList<(string Word, string Text)> _steps =
        [.. File.ReadLines(Repository.Path("deploy", "Dockerfile")).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ', 2)).Select(p => (p[0], p[1]))];

    private readonly Chaosdrill _chaosdrill = new();

    private static bool IsLong => Environment.GetEnvironmentVariable("CHAOSDRILL_TEST_LONG") == "1";

    public void Dispose() => _chaosdrill.Dispose();

    [Fact]
    public void Images_AreOfTheVersionThatTheProgramIsBuiltFor()
    {
        Assert.Equal(["mcr.microsoft.com/dotnet/sdk:10.0 AS build", "mcr.microsoft.com/dotnet/runtime-deps:10.0"], All("FROM"));
        Assert.Contains("<TargetFramework>net10.0<", File.ReadAllText(Repository.Path("Directory.Build.props")), StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.Path(All("RUN")[0].Split(' ').Single(w => w.EndsWith(".csproj", StringComparison.Ordinal)).Split('/'))));
    }

    [Fact]
    public async Task Image_StartedAsItSays_RunsDrillsOnAReadOnlyRootAsNobody()
    {
        Assert.SkipUnless(Environment.UserName == "root", "to make a root of its own takes root");
        var root = Directory.CreateDirectory(Path.Combine(_chaosdrill.Folder, "root")).FullName;
        var environment = All("ENV").SelectMany(e => e.Split(' ')).ToList();
        var work = All("WORKDIR")[^1];
        var user = All("USER").Single();
        var command = new[] { All("ENTRYPOINT").Single(), All("CMD").Single() }.SelectMany(list => JsonSerializer.Deserialize<string[]>(list)!).ToList();
        Assert.Equal("--from=build /app /app", All("COPY")[^1]);
        Assert.NotEqual("0", user.Split(':')[0]);

        // Without --long, what tests/run has compiled ahead is what the first stage would have published.
        Copy(IsLong ? await PublishAsync() : Path.GetDirectoryName(Chaosdrill.Program)!, Path.Combine(root, "app"));
        var scenarios = Directory.CreateDirectory(Path.Combine(root, command[^1].TrimStart('/'))).FullName;
        Copy(Repository.Path("scenarios", "twin"), Path.Combine(scenarios, "twin"));
        File.Copy(Chaosdrill.Scenario, Path.Combine(scenarios, "pod-kill.yaml"));

        // What a cluster mounts where something is written: a volume for state, and one for temporary files.
        using var worker = _chaosdrill.StartShell(
            $$"""
            set -e
            cd '{{root}}'
            mkdir -p usr proc dev tmp .{{work}}
            mount --bind /usr usr && mount -o remount,ro,bind usr
            for link in bin lib lib64; do ln -s usr/$link $link; done
            mount --rbind /proc proc; mount --rbind /dev dev
            mount -t tmpfs tmpfs tmp; mount -t tmpfs tmpfs .{{work}}
            chmod 1777 tmp; chown {{user}} .{{work}}
            mount --rbind . . && cd '{{root}}' && mount -o remount,ro,bind .
            ! touch app/written 2>/dev/null
            exec chroot --userspec={{user}} . /usr/bin/env -i PATH=/usr/bin DOTNET_ROOT="$DOTNET_ROOT" {{string.Join(' ', environment)}} \
              sh -c 'cd {{work}} && exec "$@"' sh {{string.Join(' ', command)}} --listen 127.0.0.1:0 --virtual-time
            """);
        var said = await worker.UntilAsync("worker is ready");
        using var http = new HttpClient { BaseAddress = new Uri(Listens().Match(said).Groups[1].Value) };
        Assert.Equal("ok\n", await http.GetStringAsync("/readyz"));
        Assert.Contains("Uid:\t10001\t10001", await File.ReadAllTextAsync($"/proc/{worker.Id}/status"), StringComparison.Ordinal);
        using var started = await http.PostAsync("/api/v1/scenarios/storefront-pod-kill/start", null);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, started.StatusCode);
        await worker.UntilAsync("drill ends: Pass");
        worker.Signal("TERM");
        var ended = await worker.EndAsync();

        Assert.True(ended.Code == 0, ended.Out + ended.Error);
        Assert.Equal("", ended.Error);
        Assert.DoesNotContain(" warn ", ended.Out, StringComparison.Ordinal);
    }

    /// <summary>Goes the steps of the first stage: what <c>.dockerignore</c> leaves is published by the command that stands there.</summary>
    private async Task<string> PublishAsync()
    {
        var source = Path.Combine(_chaosdrill.Folder, "source");
        var ignored = File.ReadAllLines(Repository.Path(".dockerignore")).Where(l => l.Length > 0 && l[0] != '#').ToList();
        Assert.Equal([".git", ".build", "**/bin", "**/obj", "tests", "reports/*", "!reports/templates"], ignored);
        Copy(Repository.Root, source, skip: path => path is ".git" or ".build" or "tests" || Path.GetFileName(path) is "bin" or "obj" || (Path.GetDirectoryName(path) == "reports" && path != "reports/templates"));
        var published = Path.Combine(_chaosdrill.Folder, "app");
        var command = All("RUN")[0].Replace(" /work ", $" {_chaosdrill.Folder}/work ", StringComparison.Ordinal).Replace(" /app ", $" {published} ", StringComparison.Ordinal);
        using var publish = System.Diagnostics.Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = source, RedirectStandardOutput = true })!;
        var said = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, said);
        return published;
    }

    private static List<string> All(string word) => [.. _steps.Where(s => s.Word == word).Select(s => s.Text)];

    private static void Copy(string from, string to, Func<string, bool>? skip = null)
    {
        Directory.CreateDirectory(to);
        var pending = new Queue<string>([""]);
        while (pending.TryDequeue(out var folder))
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(Path.Combine(from, folder)).Select(e => Path.GetRelativePath(from, e)).Where(p => skip?.Invoke(p) != true))
            {
                if (Directory.Exists(Path.Combine(from, path)))
                {
                    Directory.CreateDirectory(Path.Combine(to, path));
                    pending.Enqueue(path);
                }
                else
                {
                    File.Copy(Path.Combine(from, path), Path.Combine(to, path));
                }
            }
        }
    }

    [GeneratedRegex("worker listens url=(\\S+)")]
    private static partial Regex Listens();
}
