using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Programs;

/// <summary>A program of a scenario, run without a shell on the machine that runs the drill.</summary>
/// <param name="Words">The program and its arguments.</param>
internal sealed record HostCommand(IReadOnlyList<string> Words)
{
    /// <summary>How much of what it wrote to its errors a message quotes.</summary>
    private const int Quoted = 500;

    public static HostCommand FromJson(JsonNode json) => new([.. json.AsArray().Select(w => (string)w!)]);

    /// <summary>What is wrong with a pair of commands of which one undoes the other.</summary>
    public static IEnumerable<OptionProblem> CheckPair(IReadOnlyList<string> stop, IReadOnlyList<string> start)
    {
        if (stop.Count > 0 != start.Count > 0)
        {
            yield return new OptionProblem("", "a command that stops something needs one that starts it again", "write both stopCommand and startCommand, or neither");
        }

        foreach (var problem in (IEnumerable<OptionProblem>)[.. Check("stopCommand", stop, needed: false), .. Check("startCommand", start, needed: false)])
        {
            yield return problem;
        }
    }

    /// <summary>What is wrong with a command.</summary>
    public static IEnumerable<OptionProblem> Check(string field, IReadOnlyList<string> words, bool needed)
    {
        if (words.Count == 0 ? needed : words[0].Length == 0 || words.Any(w => w.Contains('\0', StringComparison.Ordinal)))
        {
            yield return new OptionProblem(field, "a command begins with the name of a program", $"write {field}: [PROGRAM, ARGUMENT, ...]");
        }
    }

    /// <summary>The command with a placeholder, such as <c>{node}</c>, replaced wherever it stands.</summary>
    public HostCommand With(string placeholder, string value) => new([.. Words.Select(w => w.Replace(placeholder, value, StringComparison.Ordinal))]);

    public JsonArray ToJson() => new([.. Words.Select(w => (JsonNode)w)]);

    /// <summary>Runs it to its end; what it started may go on.</summary>
    /// <exception cref="ClusterException">It could not be started, failed, or took too long.</exception>
    /// <param name="timeout">Its limit.</param>
    /// <param name="clock">For the limit.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="mark">By which it can be found when this process is killed meanwhile; null is one that nobody looks for.</param>
    public async Task RunAsync(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken, string? mark = null)
    {
        if (await TryAsync(timeout, clock, cancellationToken, mark) is { } failure)
        {
            throw new ClusterException(failure);
        }
    }

    /// <summary>Runs it to its end; what it started may go on.</summary>
    /// <returns>Null when it succeeded; otherwise its exit code and the beginning of what it wrote to its errors.</returns>
    /// <exception cref="ClusterException">It could not be started, or took too long: nothing is known of what it was for.</exception>
    public async Task<string?> TryAsync(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken, string? mark = null)
    {
        var call = new ProgramCall { Program = Words[0], Arguments = [.. Words.Skip(1)], Timeout = timeout, OwnSession = true, MayLeavePrograms = true, Mark = mark };
        ProgramResult result;
        try
        {
            result = await RunningProgram.RunAsync(call, clock, cancellationToken);
        }
        catch (ProgramException e)
        {
            throw new ClusterException($"{Words[0]} {e.Message}{(e.NotFound ? "; install it on this machine, or correct the command" : "")}", e);
        }

        return result.ExitCode switch
        {
            0 => null,
            null => throw new ClusterException($"{Words[0]} did not end within {GoDuration.Format(timeout)}"),
            var code => $"{Words[0]} ended with exit code {code}{(result.Errors.Trim() is { Length: > 0 } said ? ": " + said[..Math.Min(Quoted, said.Length)] : "")}",
        };
    }

    /// <summary>As a person would type it.</summary>
    public override string ToString() => string.Join(' ', Words.Select(w => w.Length > 0 && w.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:@,+".Contains(c, StringComparison.Ordinal)) ? w : $"'{w.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
}
