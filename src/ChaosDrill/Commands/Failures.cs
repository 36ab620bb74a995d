using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Kubernetes;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary>Turns what a command throws into one message and an exit code. Only a defect of ChaosDrill's own leads to 70.</summary>
internal static class Failures
{
    /// <summary>The variable that adds the stack trace of a defect.</summary>
    private const string DebugVariable = "CHAOSDRILL_DEBUG";

    /// <summary>Tells a failure.</summary>
    /// <returns>The exit code.</returns>
    public static int Tell(Exception failure, bool json)
    {
        var (code, message) = Explain(failure);
        Terminal.Current.Error.WriteLine($"error: {message}");
        if (json)
        {
            Terminal.Current.Out.WriteLine(ResultJson.Error(code, message));
        }

        return (int)code;
    }

    private static (ExitCode Code, string Message) Explain(Exception failure) => failure switch
    {
        CommandException e => (e.Code, Printable(e.Message)),
        ScenarioException { Errors.Count: 1 } e => (ExitCode.BadUsage, Printable(e.Message)),
        ScenarioException e => (ExitCode.BadUsage, $"the scenario cannot be used:\n{string.Join('\n', e.Message.Split('\n').Select(l => "  " + StyledLine.Printable(l)))}"),
        KubeconfigException e => (ExitCode.BadUsage, Printable(e.Message)),
        ClusterException e => (ExitCode.Refused, Printable(e.Message)),
        JournalException or DrillLookupException => (ExitCode.BadUsage, Printable(failure.Message)),
        _ => (ExitCode.Defect, Defect(failure)),
    };

    private static string Defect(Exception failure)
    {
        var trace = Environment.GetEnvironmentVariable(DebugVariable) == "1" ? $"\n{failure}" : $" With {DebugVariable}=1 the message names the place.";
        return $"this is a defect in ChaosDrill, not in what you did: {failure.GetType().Name}: {Printable(failure.Message)}\n" +
            $"  Please report it with the command and the scenario. If a drill was under way, the next run on that cluster puts back what it left.{trace}";
    }

    private static string Printable(string message) => string.Join('\n', message.Split('\n').Select(StyledLine.Printable));
}
