using System.Diagnostics;

namespace ChaosDrill.Tests.Process;

/// <summary>The completion script, in a real bash.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("chaosdrill hi", "history")]
    [InlineData("chaosdrill run --virt", "--virtual-time")]
    [InlineData("chaosdrill history --outcome inc", "inconclusive")]
    [InlineData("chaosdrill twin ", "up")]
    [InlineData("chaosdrill run scen", "")]
    public async Task Bash_Offers(string line, string offered)
    {
        const string Script = """
            PATH="$1:$PATH"
            source <(chaosdrill completion bash)
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<<"$2"
            [[ $2 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _chaosdrill
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        var info = new ProcessStartInfo("bash", ["-c", Script, "bash", Path.GetDirectoryName(Chaosdrill.Program)!, line]) { RedirectStandardOutput = true };
        using var bash = System.Diagnostics.Process.Start(info)!;
        var said = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Contains(offered, said.TrimEnd('\n').Split('\n'));
    }
}
