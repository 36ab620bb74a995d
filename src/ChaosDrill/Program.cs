using System.CommandLine;
using ChaosDrill.Commands;

var parsed = CommandLine.Create().Parse(args, CommandLine.Parsing);
try
{
    if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
    {
        throw new ChaosDrill.CommandException(ChaosDrill.ExitCode.BadUsage, UsageErrors.Tell(parsed));
    }

    // Signals belong to the commands, which have something to put back; the default would end them after two seconds.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception failure)
{
    return Failures.Tell(failure, CommonOptions.WantsJson(parsed));
}
