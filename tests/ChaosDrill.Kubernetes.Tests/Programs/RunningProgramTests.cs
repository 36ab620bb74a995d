using System.Runtime.Versioning;
using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Programs;

[UnsupportedOSPlatform("windows")]
public sealed class RunningProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Run_HandsArgumentsOverAsTheyAre()
    {
        string[] arguments = ["a b", "$HOME", "'", "\"", "*", "", "; exit 3", "\n"];
        var result = await RunAsync(new ProgramCall { Program = "printf", Arguments = ["%s|", .. arguments] });
        Assert.Equal((0, string.Join('|', arguments) + "|"), (result.ExitCode, result.Text));
    }

    [Fact]
    public async Task Run_ReadsInputAndVariables_AndTakesVariablesOut()
    {
        var result = await Script("cat; printf %s \"${GIVEN-}${HOME-none}\"", call => call with
        {
            Input = "read this "u8.ToArray(),
            Environment = new Dictionary<string, string?> { ["GIVEN"] = "given ", ["HOME"] = null },
        });
        Assert.Equal("read this given none", result.Text);
    }

    [Fact]
    public async Task Run_KeepsTheBeginningOfTheOutputAndTheEndOfTheErrors()
    {
        var result = await Script("seq 1 9999; seq 1 9999 >&2", call => call with { OutputLimit = 9 });
        Assert.Equal(("1\n2\n3\n4\n5", true), (result.Text.TrimEnd(), result.OutputCut));
        Assert.EndsWith("9999\n", result.Errors, StringComparison.Ordinal);
        Assert.Equal(9, result.Errors.Length);
    }

    [Fact]
    public async Task Run_ProgramThatIsNotThere_SaysSo()
    {
        var error = await Assert.ThrowsAsync<ProgramException>(() => RunAsync(new ProgramCall { Program = "no-such-program", OwnSession = true }));
        Assert.True(error.NotFound);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Run_StartsAService_WhichGoesOnOnlyWhenItMay(bool may, int left)
    {
        var mark = Guid.NewGuid().ToString("N");
        try
        {
            var result = await Script("setsid sleep 600 > /dev/null 2>&1 < /dev/null & exit 0", call => call with { MayLeavePrograms = may, Mark = mark });
            Assert.Equal(0, result.ExitCode);
            Assert.Equal(left, MarkedPrograms.Find(mark).Count);
        }
        finally
        {
            MarkedPrograms.End(mark);
        }
    }

    [Theory]
    [InlineData("sleep 600")]
    [InlineData("trap '' TERM; sleep 600 & sleep 600")]
    [InlineData("setsid sleep 600")]
    [InlineData("(setsid sleep 600 &) ; sleep 600")]
    public async Task Run_TimeIsOver_NothingIsLeft(string script)
    {
        var mark = Guid.NewGuid().ToString("N");
        var result = await Script(script, call => call with { Timeout = TimeSpan.FromMilliseconds(300), Mark = mark });
        Assert.Null(result.ExitCode);
        Assert.Empty(MarkedPrograms.Find(mark));
    }

    [Fact]
    public async Task Run_OrphanOfAProgramThatEnded_IsEnded()
    {
        var mark = Guid.NewGuid().ToString("N");
        var result = await Script("(setsid sleep 600 &)", call => call with { Mark = mark });
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(MarkedPrograms.Find(mark));
    }

    [Fact]
    public async Task Stop_AsksFirst()
    {
        await using var program = Start("trap 'echo asked >&2; exit 0' TERM; echo ready >&2; while :; do sleep 0.05; done");
        await SeenAsync(program, "ready");
        await program.StopAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("asked", program.Errors, StringComparison.Ordinal);
        Assert.True(program.HasExited);
    }

    [Fact]
    public async Task Mark_FindsAndEndsOnlyItsOwn()
    {
        var (mine, other) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        await using var first = Start("sleep 600 & echo ready >&2; wait", mine);
        await using var second = Start("sleep 600 & echo ready >&2; wait", other);
        await SeenAsync(first, "ready");
        await SeenAsync(second, "ready");

        Assert.True(MarkedPrograms.End(mine) >= 1);
        Assert.Empty(MarkedPrograms.Find(mine));
        Assert.Contains(second.Id, MarkedPrograms.Find(other));

        // The beginning of a mark is no proof.
        Assert.Empty(MarkedPrograms.Find(other[..31]));
    }

    private static Task<ProgramResult> RunAsync(ProgramCall call) => RunningProgram.RunAsync(call, TimeProvider.System, TestContext.Current.CancellationToken);

    private Task<ProgramResult> Script(string text, Func<ProgramCall, ProgramCall> with) =>
        RunAsync(with(new ProgramCall { Program = "/bin/sh", Arguments = ["-c", text], WorkingDirectory = folder.Path, OwnSession = true }));

    private static RunningProgram Start(string text, string? mark = null) =>
        RunningProgram.Start(new ProgramCall { Program = "/bin/sh", Arguments = ["-c", text], Mark = mark, OwnSession = true }, TimeProvider.System);

    private static async Task SeenAsync(RunningProgram program, string text)
    {
        while (!program.Errors.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
