using System.CommandLine;
using ChaosDrill.Web;

namespace ChaosDrill.Commands;

/// <summary>The options that say which worker a command speaks with, and how.</summary>
internal sealed class WorkerReach
{
    private readonly Option<string?> _url = CommonOptions.Text("--worker", "URL", $"Where the worker listens. Default: $CHAOSDRILL_WORKER, else http://{WebOptions.Usual}.");
    private readonly Option<string?> _token = CommonOptions.Text("--token-file", "FILE", "File with the worker's bearer token, where it asks for one.");
    private readonly Option<string?> _authority = CommonOptions.Text("--ca-file", "FILE", "Certificate that the worker's is signed with, PEM, where this machine does not know it.");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_url, _token, _authority])
        {
            command.Add(option);
        }
    }

    /// <summary>Speaks with the worker that they name.</summary>
    /// <exception cref="CommandException">One of them is not usable.</exception>
    public WorkerClient Client(ParseResult parsed) => new(parsed.GetValue(_url), parsed.GetValue(_token), parsed.GetValue(_authority));
}
