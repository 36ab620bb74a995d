using System.CommandLine;
using ChaosDrill.Model;
using ChaosDrill.Store;
using ChaosDrill.Views;
using ChaosDrill.Web;
using ChaosDrill.Worker;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill worker</c>.</summary>
internal static class WorkerCommand
{
    private const int LongestSet = 40;

    private static readonly TimeSpan LongestGrace = TimeSpan.FromHours(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var scenarios = new Option<string[]>("--scenarios")
        {
            Description = "Folder of scenario files, watched for changes; may be given several times.", HelpName = "DIR", Arity = ArgumentArity.OneOrMore, Required = true,
        };
        var (context, kubeconfig, output) = (CommonOptions.Context(), CommonOptions.Kubeconfig(), CommonOptions.Output());
        context.Description = "Context of the kubeconfig for every scenario. Default: each scenario's own, else the twin.";
        output.Description = "Form of the log: text or json.";
        var (store, templates, signKey) = (CommonOptions.Store(), CommonOptions.Templates(), CommonOptions.SignKey());
        var reports = CommonOptions.Text("--reports", "DIR", "Folder that reports are left in, one folder for each drill. Default: reports.");
        var grace = CommonOptions.Text("--grace", "TIME", "How long drills have after SIGTERM: half of it to finish, then they are undone. Default: 30s.");
        var atOnce = CommonOptions.Number("--at-once", "N", "How many drills run at once; more wait. Default: 16.", 1, 1000);
        var listen = CommonOptions.Text("--listen", "ADDRESS:PORT", $"Where metrics and the API are served. Anything but loopback needs TLS and a token. Default: {WebOptions.Usual}.");
        var certificate = CommonOptions.Text("--tls-certificate", "FILE", "Certificate of the server, PEM, with those that signed it.");
        var key = CommonOptions.Text("--tls-key", "FILE", "Its private key, PEM.");
        var tokenFile = CommonOptions.Text("--token-file", "FILE", "File with the bearer token that requests must carry.");
        var webhooks = CommonOptions.Text("--webhooks", "FILE", "File that names whom to tell of drills: JSON, Slack or Teams webhooks.");
        var set = CommonOptions.Text("--set", "NAME", "The set of workers that it belongs to, on a store that several sets share. Workers of one set have the same folders. Default: chaosdrill.");
        var virtualTime = new Option<bool>("--virtual-time") { Description = "Run twins as fast as they can compute instead of in real time." };
        var command = new DrillCommand("worker", "Run scheduled scenarios until SIGTERM. A worker that died is cleared up after by the next start: what its drills changed is put back.")
        {
            Examples =
            [
                ("Everything that the folder schedules", "chaosdrill worker --scenarios drills"),
                ("On a real cluster, with a log for programs", "chaosdrill worker --scenarios drills --context staging --output json"),
                ("For Prometheus and people on other machines", "chaosdrill worker --scenarios drills --listen 0.0.0.0:8686 --tls-certificate tls.crt --tls-key tls.key --token-file token"),
            ],
        };
        foreach (var option in (Option[])[scenarios, context, kubeconfig, set, virtualTime, atOnce, grace, listen, certificate, key, tokenFile, webhooks, output, reports, templates, signKey, store])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, _) => (int)await new WorkerProcess(
            new WorkerOptions
            {
                Folders = parsed.GetRequiredValue(scenarios),
                Context = parsed.GetValue(context),
                Kubeconfig = parsed.GetValue(kubeconfig),
                Store = parsed.GetValue(store),
                WorkerSet = WorkerSet(parsed.GetValue(set)),
                Reports = parsed.GetValue(reports),
                Templates = parsed.GetValue(templates),
                SignKey = parsed.GetValue(signKey),
                VirtualTime = parsed.GetValue(virtualTime),
                Grace = Grace(parsed.GetValue(grace)),
                AtOnce = parsed.GetValue(atOnce) ?? 16,
                Web = WebOptions.Read(parsed.GetValue(listen), parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(tokenFile)),
                Webhooks = parsed.GetValue(webhooks),
                Json = parsed.GetValue(output) == OutputForm.Json,
            },
            Terminal.Current).RunAsync());
        return command;
    }

    private static string WorkerSet(string? name) =>
        name is null ? Firing.UsualSet
        : name.Length is > 0 and <= LongestSet && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? name
        : throw new CommandException(ExitCode.BadUsage, $"--set is a name of up to {LongestSet} lower-case letters, digits and hyphens, not \"{name}\"");

    private static TimeSpan Grace(string? text) =>
        text is null ? TimeSpan.FromSeconds(30)
        : GoDuration.TryParse(text, out var grace) && grace > TimeSpan.Zero && grace <= LongestGrace ? grace
        : throw new CommandException(ExitCode.BadUsage, $"--grace is a time with a unit, up to 1h, such as 30s, not \"{text}\"");
}
