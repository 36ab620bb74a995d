using System.CommandLine;
using ChaosDrill.Hosting;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill playbook</c>.</summary>
internal static class PlaybookCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var force = new Option<bool>("--force") { Description = "Replace playbooks that somebody has changed, too. What was filled in into the parts meant for it is kept in any case." };
        var command = new DrillCommand("playbook", "Write the playbooks of scenarios: commands with the cluster's names, times that drills have measured.")
        {
            Examples =
            [
                ("The playbooks of one scenario's disaster", "chaosdrill playbook scenarios/rollout-failure.yaml"),
                ("All of them, with the names of a cluster", "chaosdrill playbook scenarios/*.yaml --all --context staging --out runbooks"),
                ("Which are stale?", "chaosdrill playbook check scenarios/*.yaml --all"),
            ],
        };
        var inputs = new Inputs(command);
        command.Add(force);
        command.SetAction(async (parsed, stop) =>
        {
            var drafts = await inputs.DraftAsync(parsed, stop);
            var kept = parsed.GetValue(force) ? [] : drafts.Where(d => d.Protected is not null).ToList();
            if (kept.Count > 0)
            {
                throw new CommandException(
                    ExitCode.Refused,
                    $"nothing was written: {string.Join("; ", kept.Select(k => $"{k.File}: {k.Protected}"))}. Move it away, or replace it with --force");
            }

            foreach (var draft in drafts)
            {
                Hosting.Playbooks.Write(draft);
                Terminal.Current.Write(new StyledLine().Add(draft.File).Add($"  {(draft.Drills == 0 ? "never drilled" : draft.Drills == 1 ? "1 drill" : $"{draft.Drills} drills")}", Tone.Faint));
            }

            return (int)ExitCode.Pass;
        });
        command.Add(Check());
        return command;
    }

    private static DrillCommand Check()
    {
        var command = new DrillCommand("check", "Tell which playbooks no longer match scenarios, cluster, templates or the latest drills. Ends with 1 when one is stale.")
        {
            Examples = [("Before a game day, or in a pipeline", "chaosdrill playbook check scenarios/*.yaml --all --context staging")],
        };
        var inputs = new Inputs(command);
        command.SetAction(async (parsed, stop) =>
        {
            var stale = 0;
            foreach (var draft in await inputs.DraftAsync(parsed, stop))
            {
                var reasons = draft.Stale;
                stale += reasons.Count > 0 ? 1 : 0;
                Terminal.Current.Write(reasons.Count == 0
                    ? new StyledLine().Add("current", Tone.Good).Add($"  {draft.File}")
                    : new StyledLine().Add("stale  ", Tone.Bad).Add($"  {draft.File}: {string.Join("; ", reasons)}"));
            }

            return (int)(stale == 0 ? ExitCode.Pass : ExitCode.Fail);
        });
        return command;
    }

    /// <summary>What both commands are told.</summary>
    private sealed class Inputs
    {
        private readonly Argument<string[]> _files = new("SCENARIO") { Description = "Scenario files (YAML); the label \"disaster\" says which playbook each belongs to.", Arity = ArgumentArity.OneOrMore };
        private readonly Option<string?> _folder = CommonOptions.Text("--out", "DIR", "Folder of the playbooks. Default: runbooks.");
        private readonly Option<bool> _all = new("--all") { Description = "Also the playbooks of disasters that none of the scenarios is about; they say that nothing was proved." };
        private readonly Option<string?> _context = CommonOptions.Context();
        private readonly Option<string?> _kubeconfig = CommonOptions.Kubeconfig();
        private readonly Option<string?> _templates = CommonOptions.Text("--templates", "DIR", "Folder of playbook templates. Default: those that ChaosDrill ships.");
        private readonly Option<string?> _store = CommonOptions.Store();

        public Inputs(Command command)
        {
            command.Add(_files);
            foreach (var option in (Option[])[_folder, _all, _context, _kubeconfig, _templates, _store])
            {
                command.Add(option);
            }
        }

        public async Task<IReadOnlyList<Hosting.Playbooks.Draft>> DraftAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            var folder = parsed.GetValue(_folder) ?? "runbooks";
            FileFaults.RequireWritable(folder, "folder of playbooks", ExitCode.Refused);
            return await new Hosting.Playbooks(folder, Templates(parsed.GetValue(_templates))).DraftAsync(
                parsed.GetRequiredValue(_files), parsed.GetValue(_all),
                scenario => ClusterChoice.Of(parsed.GetValue(_context), parsed.GetValue(_kubeconfig), scenario),
                Places.Store(parsed.GetValue(_store)), warning => Terminal.Current.Error.WriteLine(StyledLine.Printable(warning)), cancellationToken);
        }

        private static TemplateFolder Templates(string? folder)
        {
            try
            {
                return folder is null ? TemplateFolder.Playbooks : TemplateFolder.PlaybooksAt(folder);
            }
            catch (TemplateException e)
            {
                throw new CommandException(ExitCode.BadUsage, e.Message, e);
            }
        }
    }
}
