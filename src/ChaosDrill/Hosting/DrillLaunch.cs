using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Telemetry;
using ChaosDrill.Views;

namespace ChaosDrill.Hosting;

/// <summary>Wires one drill together, runs it, and leaves its report.</summary>
internal sealed class DrillLaunch(RunOptions options, Terminal terminal)
{
    private readonly TextWriter _progress = options.Json ? terminal.Error : terminal.Out;
    private string? _drillId;

    /// <summary>Runs the drill to its end and prints its verdict.</summary>
    /// <exception cref="CommandException">It cannot start; nothing was touched.</exception>
    public async Task<ExitCode> RunAsync()
    {
        // What is needed next is loaded while the scenario is read: together they take most of the time to the first request.
        _ = Task.Run(StoreWarmUp.Run);

        // In the order of what it costs to find out; nothing is touched before all of it is well.
        var approved = options.Plan is { } file ? SavedPlan.Read(file, options.Seed) : null;
        var scenario = Vocabulary.ReadScenario(options.Scenario ?? approved!.ScenarioFile);
        var choice = ClusterChoice.Of(options.Context ?? approved?.Context, options.Kubeconfig, scenario);
        if (options.VirtualTime && !choice.IsTwin)
        {
            throw new CommandException(
                ExitCode.BadUsage, $"--virtual-time is for the twin; a real cluster ({choice.Context}) keeps its own time. Leave out one of the two");
        }

        if (options.VirtualTime && scenario.Spec.KeepsRealTime is { } real)
        {
            throw new CommandException(ExitCode.BadUsage, $"{real}; leave out --virtual-time");
        }

        if (options.VirtualTime && options.Playbook is not null)
        {
            throw new CommandException(ExitCode.BadUsage, "--playbook runs kubectl, which keeps its own time; leave out --virtual-time");
        }

        if (options.Plan is not null && options.Playbook is not null)
        {
            throw new CommandException(ExitCode.BadUsage, "--plan allows only what was planned, and a rehearsal of a --playbook was not; leave out one of the two");
        }

        var playbook = options.Playbook is null ? null : Rehearsal.Of(options.Playbook, choice, scenario.Metadata.Name);
        using var key = Sealing.Key(options.SignKey);
        var reports = options.Reports ?? "reports";
        var rehearsal = options.VirtualTime || options.Templates is not null ? Task.Run(() => Reporting.Rehearse(options.Templates)) : Task.CompletedTask;
        FileFaults.RequireWritable(reports, "report folder", ExitCode.Refused);
        if (options.Templates is not null)
        {
            await rehearsal;
        }

        using var store = OpenStore(Places.Store(options.Store));
        using var abort = new AbortSwitch();
        var view = View();
        DrillRecord record;
        Judgement judgement;
        await using (view)
        {
            using var signals = new StopSignals(name => abort.Abort(name), () => EndAtOnce(store, view));
            try
            {
                (record, judgement) = await new DrillSession
                {
                    Scenario = scenario,
                    Choice = choice,
                    Store = store,
                    View = view,
                    Abort = abort,
                    Approved = approved,
                    Seed = options.Seed ?? approved?.Plan.Seed,
                    VirtualTime = options.VirtualTime,
                    Rehearsal = playbook,
                    Say = Say,
                    Planned = Planned,
                }.RunAsync();
            }
            catch (OperationCanceledException) when (abort.Reason is not null)
            {
                throw new CommandException(ExitCode.Aborted, $"stopped by {abort.Reason} before anything was touched");
            }
        }

        await rehearsal;
        var report = Reporting.TryWrite(Places.Report(options.Reports, record.Header.Id), record, judgement, options.Templates, store, key, terminal.Error);
        Tracing.Tell(record, judgement, text => terminal.Error.WriteLine("warning: " + StyledLine.Printable(text)));
        var code = ExitCodes.Of(judgement);
        if (options.Json)
        {
            terminal.Out.WriteLine(ResultJson.Of(record, judgement, code, report, store.Place));
        }
        else
        {
            terminal.Write(StyledLine.Empty);
            terminal.Write(PlanView.Refusals(record.Header.Plan));
            terminal.Write(VerdictView.Of(record, judgement));
            terminal.Write(VerdictView.Where(record, report, code));
        }

        return code;
    }

    private static DrillStore OpenStore(string path)
    {
        try
        {
            return DrillStore.Open(path);
        }
        catch (JournalException e)
        {
            throw new CommandException(ExitCode.Refused, $"{e.Message} Nothing was touched.", e);
        }
    }

    private IDrillView View() => options switch
    {
        { Json: true } => new PlainView(terminal.Error, colors: false),
        { VirtualTime: false } when terminal.CanShowLive => new LiveView(terminal.Out, SystemClock.Instance),
        _ => new PlainView(terminal.Out, terminal.Colors),
    };

    /// <summary>The second Ctrl-C: no more waiting. What is left is on disk and named here.</summary>
    private void EndAtOnce(DrillStore store, IDrillView view)
    {
        (view as LiveView)?.Restore();
        terminal.Error.WriteLine("ended at once.");
        try
        {
            var left = store.OutstandingUndos().Where(u => u.Undo.DrillId == _drillId).ToList();
            foreach (var (undo, _) in left)
            {
                terminal.Error.WriteLine($"  not undone: {undo.Description}");
            }

            if (left.Count > 0)
            {
                terminal.Error.WriteLine("  The next run on this cluster undoes it first.");
            }
        }
        catch (JournalException e)
        {
            terminal.Error.WriteLine($"  what is left cannot be read: {e.Message}");
        }

        Environment.Exit((int)ExitCode.Killed);
    }

    private void Planned(DrillHeader header)
    {
        _drillId = header.Id;
        Say(PlanView.Summary(header.Plan));
        Say($"drill {header.Id}");
    }

    private void Say(string text)
    {
        _progress.WriteLine(StyledLine.Printable(text));
        _progress.Flush();
    }

    private void Say(IEnumerable<StyledLine> lines)
    {
        foreach (var line in lines)
        {
            _progress.WriteLine(line.Render(int.MaxValue, terminal.Colors && !options.Json));
        }
    }
}
