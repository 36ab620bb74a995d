using System.Diagnostics;

namespace ChaosDrill.Tests.House;

/// <summary>When <c>./chaosdrill</c> builds and when it does not, with a dotnet that takes no minutes: it copies one script, which says of which SDK it was made.</summary>
public sealed class LauncherTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        root=$(dirname "$0")
        case $1 in
          --list-sdks) for sdk in "$root"/sdk/*; do echo "${sdk##*/} [$root/sdk]"; done ;;
          publish)
            [ ! -e "$root/broken" ] || exit 1
            while [ "$1" != --output ]; do shift; done
            mkdir -p "$2" && : >"$2/chaosdrill.dll"
            printf '#!/bin/sh\necho "made of %s: $*"\n' "$(cd "$root/sdk" && echo *)" >"$2/chaosdrill" && chmod +x "$2/chaosdrill" ;;
        esac
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-test");

    public LauncherTests()
    {
        File.Copy(Repository.Path("chaosdrill"), In("chaosdrill"));
        Directory.CreateDirectory(In("src"));
        File.WriteAllText(In("src", "Program.cs"), "");
        Directory.CreateDirectory(In("dotnet"));

        // A copy may be executed, as what it was copied from.
        File.Copy(Repository.Path("chaosdrill"), In("dotnet", "dotnet"));
        File.WriteAllText(In("dotnet", "dotnet"), Dotnet);
        Directory.CreateDirectory(In("dotnet", "sdk", "10.0.401"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Start_BuildsOnce()
    {
        Assert.Equal((0, "made of 10.0.401: run a b\n", true), Start("run", "a b"));
        Assert.Equal((0, "made of 10.0.401: history\n", false), Start("history"));
    }

    [Fact]
    public void Start_AfterASourceFileChanged_BuildsAnew_AndDoesNotRunWhatItCouldNotBuild()
    {
        Start();
        Touch("src", "Program.cs");
        Assert.Equal((0, "made of 10.0.401: \n", true), Start());
        Touch("src", "Program.cs");
        File.WriteAllText(In("dotnet", "broken"), "");
        Assert.Equal((70, "", true), Start());
    }

    [Fact]
    public void Start_AfterAnUpdateOfDotnet_BuildsAnew()
    {
        Start();
        Directory.CreateDirectory(In("dotnet", "sdk", "10.0.402"));
        Assert.Equal((0, "made of 10.0.401 10.0.402: \n", true), Start());
        Assert.Equal((0, "made of 10.0.401 10.0.402: \n", false), Start());
    }

    [Fact]
    public void Start_AfterAnUpdateOfDotnetThatItCannotBeBuiltWith_SaysSoOnceAndGoesOnWithTheBuildOfBefore()
    {
        Start();
        Directory.CreateDirectory(In("dotnet", "sdk", "10.0.402"));
        File.WriteAllText(In("dotnet", "broken"), "");
        Assert.Equal((0, "made of 10.0.401: \n", true), Start());
        Assert.Equal((0, "made of 10.0.401: \n", false), Start());
    }

    private string In(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    private void Touch(params string[] parts) => File.SetLastWriteTimeUtc(In(parts), File.GetLastWriteTimeUtc(In(".build", "stamp")).AddSeconds(1));

    /// <summary>The exit code, standard output, and whether anything was said about building.</summary>
    private (int Code, string Out, bool SaidMore) Start(params string[] arguments)
    {
        var info = new ProcessStartInfo(In("chaosdrill"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["DOTNET_ROOT"] = In("dotnet");
        using var process = System.Diagnostics.Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said, error.Result.Length > 0);
    }
}
