using System.CommandLine;
using ChaosDrill.Hosting;
using ChaosDrill.Twin;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill twin</c>.</summary>
internal static class TwinCommand
{
    private const int MostNodes = 5000;
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(5);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new DrillCommand("twin", "The embedded cluster: a Kubernetes API with controllers, simulated in this process.")
        {
            Examples = [("Keep a twin running for kubectl", "chaosdrill twin up")],
        };
        command.Add(Up());
        return command;
    }

    private static DrillCommand Up()
    {
        var nodes = CommonOptions.Number("--nodes", "N", "How many nodes it has. Default: 3.", 1, MostNodes);
        var manifests = new Option<string[]>("--manifest", "-f")
        {
            Description = "Manifest to start with; may be given several times. Default: a small shop.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore,
        };
        var port = CommonOptions.Number("--port", "P", "Port on the loopback interface. Default: a free one.", 1, 65535);
        var kubeconfig = CommonOptions.Text("--kubeconfig", "FILE", "Where the kubeconfig is written. Default: a file of its own in ChaosDrill's state folder.");
        var velero = new Option<bool>("--velero") { Description = "Install Velero on it, in the namespace velero." };
        var bucket = CommonOptions.Text("--bucket", "DIR", "Folder that Velero keeps its backups in, with --velero; several twins can share it. Default: in memory.");
        var seed = CommonOptions.Seed();
        seed.Description = "Seed of the twin's own choices: names, uids, nodes. Default: 0.";
        var command = new DrillCommand("up", "Keep a twin running, with a small shop in it, until Ctrl-C. kubectl works on it.")
        {
            Examples =
            [
                ("Start it", "chaosdrill twin up"),
                ("Use it from another terminal", "export KUBECONFIG=...   # as twin up prints it\n  kubectl get pods -n shop -w"),
                ("Drill it like a real cluster", "chaosdrill run scenarios/pod-kill.yaml --context twin"),
                ("Ten nodes and an own manifest", "chaosdrill twin up --nodes 10 --manifest shop.yaml"),
                ("With Velero, whose backups stay", "chaosdrill twin up --velero --bucket backups"),
            ],
        };
        foreach (var option in (Option[])[nodes, manifests, velero, bucket, port, kubeconfig, seed])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, _) => (int)await RunAsync(
            new TwinOptions
            {
                Nodes = parsed.GetValue(nodes) ?? 3, Seed = parsed.GetValue(seed) ?? 0, Clock = SystemClock.Instance,
                Velero = parsed.GetValue(velero), VeleroBucket = parsed.GetValue(bucket),
            },
            parsed.GetValue(manifests) ?? [], parsed.GetValue(port) ?? 0, parsed.GetValue(kubeconfig)));
        return command;
    }

    private static async Task<ExitCode> RunAsync(TwinOptions options, string[] files, int port, string? kubeconfig)
    {
        if (options is { VeleroBucket: not null, Velero: false })
        {
            throw new CommandException(ExitCode.BadUsage, "--bucket is where Velero keeps its backups: write --velero too");
        }

        if (options.VeleroBucket is { } folder)
        {
            FileFaults.RequireWritable(folder, "bucket", ExitCode.Refused);
        }


        IReadOnlyList<TwinManifest> manifests = files.Length == 0 ? [TwinManifests.Shop] : TwinManifests.Read(files.Select(f => (f, "--manifest")));
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var signals = new StopSignals(_ => stopped.TrySetResult(), () => Environment.Exit((int)ExitCode.Killed));
        await using var twin = new TwinCluster(options);
        twin.Start();
        TwinManifests.Apply(twin, manifests);
        await using var server = await ServeAsync(twin, port);
        var file = Path.GetFullPath(kubeconfig ?? Path.Combine(Places.State, $"twin-{server.Url.Port}.kubeconfig"));
        WriteKubeconfig(server, file);
        try
        {
            var output = Terminal.Current.Out;
            output.WriteLine($"# The twin listens on {server.Url.GetLeftPart(UriPartial.Authority)} with {options.Nodes} node{(options.Nodes == 1 ? "" : "s")}. Its kubeconfig has one context, twin.");
            output.WriteLine($"export KUBECONFIG={Quoted(file)}");
            output.Flush();
            using var waiting = new CancellationTokenSource();
            var settled = TwinManifests.SettleAsync(twin, SettleLimit, SystemClock.Instance, waiting.Token);
            if (await Task.WhenAny(settled, stopped.Task) == settled)
            {
                output.WriteLine("# All deployments are ready. Ctrl-C ends the twin.");
                output.Flush();
            }

            await stopped.Task;
            waiting.Cancel();
            return ExitCode.Pass;
        }
        finally
        {
            // A kubeconfig that points nowhere would only puzzle whoever finds it.
            File.Delete(file);
        }
    }

    private static async Task<TwinServer> ServeAsync(TwinCluster twin, int port)
    {
        try
        {
            return await twin.ServeAsync(new TwinServerOptions { Port = port });
        }
        catch (IOException e)
        {
            throw new CommandException(ExitCode.Refused, $"the twin cannot listen on port {port} of the loopback interface: {e.Message.TrimEnd('.')}; choose another --port", e);
        }
    }

    private static void WriteKubeconfig(TwinServer server, string file)
    {
        try
        {
            if (File.Exists(file) && !File.ReadAllText(file).Contains("name: twin-admin", StringComparison.Ordinal))
            {
                throw new CommandException(
                    ExitCode.Refused, $"{file} exists and is not the kubeconfig of a twin; it was left as it is. Name another file with --kubeconfig");
            }

            server.WriteKubeconfig(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Refused, $"the kubeconfig {file} cannot be written: {FileFaults.Explain(e, file)}; choose another with --kubeconfig", e);
        }
    }

    private static string Quoted(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+' or ':' or '@') ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
