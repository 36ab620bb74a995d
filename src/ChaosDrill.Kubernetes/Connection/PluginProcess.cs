namespace ChaosDrill.Kubernetes;

/// <summary>Runs an exec plugin and says in a kubeconfig's words what went wrong.</summary>
internal sealed class PluginProcess(ExecPlugin plugin, TimeProvider clock)
{
    private const int QuotedErrors = 1000;

    public async Task<ReadOnlyMemory<byte>> RunAsync(IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        var call = new ProgramCall
        {
            Program = plugin.Command,
            Arguments = plugin.Args,
            Environment = variables.ToDictionary(v => v.Key, v => (string?)v.Value),
            Timeout = plugin.Timeout,
        };
        ProgramResult result;
        try
        {
            result = await RunningProgram.RunAsync(call, clock, cancellationToken);
        }
        catch (ProgramException error)
        {
            throw Failed(error.NotFound ? "was not found; install it, or correct the command and PATH" : error.Message, true, error);
        }

        return result switch
        {
            { ExitCode: null } => throw Failed(
                $"did not end within {plugin.Timeout.TotalSeconds:0.###} s; does it wait for a login? Run \"kubectl get nodes\" once and try again", false),
            { ExitCode: not 0 } => throw Failed($"ended with exit code {result.ExitCode}{Quote(result.Errors)}", result.ExitCode == 127),
            { OutputCut: true } => throw Failed($"printed more than {call.OutputLimit / 1024} KB", false),
            _ => result.Output,
        };
    }

    private static string Quote(string errors)
    {
        var text = errors.Trim();
        return text.Length == 0 ? "" : $": {(text.Length <= QuotedErrors ? text : text[..QuotedErrors] + "...")}";
    }

    private KubeconfigException Failed(string what, bool hint, Exception? inner = null) => new(
        $"{plugin.Origin}: \"{plugin.Command}\" {what}{(hint && plugin.InstallHint is { Length: > 0 } help ? Environment.NewLine + help.Trim() : "")}", inner);
}
