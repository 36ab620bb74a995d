using System.Text.Json.Nodes;
using ChaosDrill.Actions.Probes;
using ChaosDrill.Actions.Restores.RestoredChecks;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Velero;

/// <summary>One restore and everything that must be seen before it may be called good; "Completed" alone says little.</summary>
/// <param name="api">Drives Velero.</param>
/// <param name="backup">What is restored.</param>
/// <param name="from">The namespace that was backed up.</param>
/// <param name="to">The namespace that it is restored to; the same when it is restored in place.</param>
/// <param name="report">Takes what is seen.</param>
internal sealed class RestoreTrial(VeleroApi api, ChosenBackup backup, string from, string to, IActivityReport report)
{
    internal static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private bool _allHeld = true;

    /// <summary>Kinds that are looked at whatever the backup holds.</summary>
    public IEnumerable<(string Resource, string ApiVersion, string Kind)> Besides { get; init; } = [];

    private KubernetesClient Client => api.Client;

    private RestoredVolumes Volumes => new(api, from, to, report.Note, Check);

    /// <summary>Reads what the backup holds, and checks that it holds the namespace and that its own list agrees.</summary>
    /// <returns>Null when it cannot be read: nothing can be verified then.</returns>
    public async Task<IReadOnlyList<BackedUp>?> ReadBackupAsync(CancellationToken cancellationToken)
    {
        var file = await backup.ArchiveAsync(api, cancellationToken);
        IReadOnlyList<BackedUp> contents;
        try
        {
            contents = file.Content is null ? throw new InvalidDataException(file.Why) : BackupContents.Read(file.Content);
        }
        catch (InvalidDataException e)
        {
            Check($"the content of backup {backup.Name} can be read", null, e.Message);
            return null;
        }

        var held = contents.Where(i => i.Namespace == from).ToList();
        Check($"the backup holds namespace {from}", held.Count > 0, held.Count > 0 ? $"{held.Count} objects" : $"it holds nothing of it, only {Enumeration.Of(contents.Select(i => i.Namespace).OfType<string>().Distinct(), "no namespace")}");
        var list = await api.DownloadAsync("BackupResourceList", backup.Name, cancellationToken);
        if (list.Json() is JsonObject kinds)
        {
            // Kinds count as written: apiVersion/Kind to namespace/name.
            var listed = kinds.SelectMany(k => (k.Value as JsonArray ?? []).Select(n => $"{k.Key} {n}")).Where(n => n.Contains($" {from}/", StringComparison.Ordinal)).ToHashSet();
            var there = held.Select(i => $"{i.ApiVersion}/{i.Kind} {from}/{i.Name}").ToHashSet();
            var lacking = listed.Except(there).Order(StringComparer.Ordinal).ToList();
            Check("everything that the backup lists is in it", lacking.Count == 0, lacking.Count == 0 ? $"{listed.Count} objects" : $"missing: {Enumeration.Of(lacking)}");
        }
        else
        {
            report.Note($"the backup's resource list cannot be had, its content is all that is compared with: {list.Why}");
        }

        return contents;
    }

    /// <summary>Whether every volume claim's data is in the backup; a claim that was left out comes back empty without any error.</summary>
    public Task CheckCoverageAsync(IReadOnlyList<BackedUp> contents, CancellationToken cancellationToken) => Volumes.CheckBackupAsync(backup.Name, contents, cancellationToken);

    /// <summary>Restores, follows the phases, and waits for volumes that Velero is still filling when it says that it is done.</summary>
    /// <returns>Whether anything was restored that can be looked at; null when it was not at its end in time.</returns>
    public async Task<bool?> RestoreAsync(string name, JsonObject spec, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (backup.StartedAt is { } started)
        {
            var age = (Client.Clock.GetUtcNow() - started).TotalSeconds;
            report.Figure(FigureNames.BackupAge, MeasureUnit.Seconds, age, age - 1, age + 1);
        }
        else
        {
            report.FigureUnknown(FigureNames.BackupAge, MeasureUnit.Seconds, $"backup {backup.Name} does not say when it was made");
        }

        var begin = Client.Clock.GetTimestamp();
        report.Phase(PhaseNames.RestoreStarted, $"{backup.Name} into namespace {to}", begin);
        var restore = await api.RunAsync(
            VeleroApi.Restores, name, spec,
            (phase, at) =>
            {
                if (!VeleroPhase.IsTerminal(phase))
                {
                    report.Phase($"restore {phase}", name, at);
                }
            },
            limit, cancellationToken);
        if (restore is null || !VeleroPhase.IsTerminal(VeleroPhase.Of(restore)))
        {
            Check($"restore {name} comes to its end", null, $"after {GoDuration.Format(limit)} it is {(restore is null ? "gone: somebody deleted it" : VeleroPhase.Of(restore))}; {await HindranceAsync(name, cancellationToken)}");
            return null;
        }

        var ending = VeleroPhase.Of(restore);
        var results = VeleroPhase.Count(restore, "errors") + VeleroPhase.Count(restore, "warnings") > 0 ? await MessagesAsync(name, cancellationToken) : "";
        Check("the restore is complete and without errors", ending == VeleroPhase.Completed && VeleroPhase.Count(restore, "errors") == 0, VeleroPhase.Ending(restore) + results + Advice(results));
        if (ending is not (VeleroPhase.Completed or "PartiallyFailed"))
        {
            return false;
        }

        await Volumes.AwaitAsync(name, begin, limit, cancellationToken);
        report.Phase(PhaseNames.Restored, name);
        return true;
    }

    /// <summary>Looks at everything that was restored: volumes, readiness, objects, markers, and what the scenario asks.</summary>
    /// <param name="contents">What the backup holds.</param>
    /// <param name="expected">What of it must be there.</param>
    /// <param name="restore">The restore.</param>
    /// <param name="after">The markers that must not be there; null when none was planted.</param>
    /// <param name="readyWithin">How long the workloads may take to become ready; null does not wait for them.</param>
    /// <param name="checks">What the scenario asks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task LookAsync(
        IReadOnlyList<BackedUp> contents, IReadOnlyList<BackedUp> expected, string restore, Markers? after, TimeSpan? readyWithin, IReadOnlyList<RestoredCheck> checks,
        CancellationToken cancellationToken)
    {
        await Volumes.CheckRestoreAsync(restore, contents, cancellationToken);
        var claims = await Volumes.ClaimsAsync(cancellationToken);
        if (readyWithin is { } limit)
        {
            await AwaitReadyAsync(expected, limit, cancellationToken);
        }

        await CompareAsync(expected, cancellationToken);
        await CheckMarkersAsync(after, cancellationToken);
        foreach (var check in checks)
        {
            var (held, evidence) = await new CheckRun(Client, to).AskAsync(check, cancellationToken);
            Check(check.Name, held, evidence);
        }

        await Volumes.CheckClaimsAsync(claims, cancellationToken);
    }

    /// <summary>Says which jobs a restore sets going again: Velero restores those that had failed or were running.</summary>
    public void TellJobs(IReadOnlyList<BackedUp> contents)
    {
        if (contents.Where(i => i.Namespace == from && i.Resource == "jobs.batch" && i.Json["status"]?["completionTime"] is null).Select(i => i.Name).ToList() is { Count: > 0 } jobs)
        {
            report.Note($"Velero restores jobs that had failed or were running, and they run again: {Enumeration.Of(jobs)}");
        }
    }

    /// <summary>What may keep a restore from its end: Velero makes one after the other.</summary>
    private async Task<string> HindranceAsync(string restore, CancellationToken cancellationToken)
    {
        var others = (await api.ListAsync(VeleroApi.Restores, null, cancellationToken))
            .Where(r => VeleroPreflight.NameOf(r) != restore && VeleroPhase.Of(r) != "New" && !VeleroPhase.IsTerminal(VeleroPhase.Of(r))).Select(r => $"{VeleroPreflight.NameOf(r)} is {VeleroPhase.Of(r)}").ToList();
        return others.Count > 0 ? $"Velero restores one at a time, and {Enumeration.Of(others)}: wait until it has ended" : $"see whether the Velero server runs: kubectl get pods -n {api.Home}";
    }

    /// <summary>Waits until every restored workload has its pods ready.</summary>
    private async Task AwaitReadyAsync(IReadOnlyList<BackedUp> expected, TimeSpan limit, CancellationToken cancellationToken)
    {
        var workloads = expected.Where(i => i.Resource is "deployments.apps" or "statefulsets.apps" or "daemonsets.apps").Where(i => (long?)i.Json["spec"]?["replicas"] is not 0)
            .Select(i => new WorkloadReference(i.Kind.ToLowerInvariant(), i.Name)).ToList();
        var begin = Client.Clock.GetTimestamp();
        var waiting = workloads.ToDictionary(w => w, _ => (ProbeReply?)null);
        while (true)
        {
            foreach (var workload in waiting.Keys.ToList())
            {
                var reply = await new WorkloadQuestion(Client, to, new WorkloadProbe { Of = workload }).AskAsync(cancellationToken);
                waiting[workload] = reply;
                if (reply.Outcome == SampleOutcome.Success)
                {
                    waiting.Remove(workload);
                }
            }

            if (waiting.Count == 0)
            {
                report.Phase(PhaseNames.Healthy, $"{workloads.Count} workloads");
                Check("every restored workload becomes ready", true, workloads.Count == 0 ? "the backup holds no workload" : $"{workloads.Count} workloads");
                return;
            }

            if (Client.Clock.GetElapsedTime(begin) > limit)
            {
                // That nobody may look says nothing of the workload.
                Check(
                    "every restored workload becomes ready", waiting.Values.Any(r => r?.Outcome == SampleOutcome.Failure) ? false : null,
                    $"after {GoDuration.Format(limit)}: {Enumeration.Of(waiting.Select(w => $"{w.Key}: {w.Value?.Detail}"))}");
                return;
            }

            await Task.Delay(Look, Client.Clock, cancellationToken);
        }
    }

    /// <summary>Compares object by object, and says how much of the backup is there as it should be.</summary>
    private async Task CompareAsync(IReadOnlyList<BackedUp> expected, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<(string, string), JsonObject> found;
        try
        {
            found = await RestoredObjects.ReadAsync(Client, expected, to, null, cancellationToken, Besides);
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            Check("every object can be compared", null, $"{e.Message}: grant it and name the kind in kinds, or leave it out with leaveOut");
            report.FigureUnknown(FigureNames.RestoreFidelity, MeasureUnit.Share, e.Message);
            return;
        }

        if (expected.Count == 0)
        {
            Check("the backup holds something to compare", false, "nothing that must come back: an empty restore proves nothing");
            report.FigureUnknown(FigureNames.RestoreFidelity, MeasureUnit.Share, "there was nothing to compare");
            return;
        }

        var result = RestoreComparison.Of(expected, found, from, to);
        Check("every object of the backup is there", result.Missing.Count == 0, result.Missing.Count == 0 ? $"{result.Expected} objects" : $"{result.Missing.Count} of {result.Expected} are missing: {Enumeration.Of(result.Missing.Select(i => i.ToString()))}");
        Check(
            "every object is as the backup has it", result.Differing.Count == 0,
            result.Differing.Count == 0 ? $"{result.Matching} objects compared field by field"
                : $"{result.Differing.Count} of {result.Expected} differ: {Enumeration.Of(result.Differing.Select(d => $"{d.Item} ({string.Join("; ", d.Differences.Take(3).Select(x => x.Show(d.Item.Kind == "Secret")))}{(d.Differences.Count > 3 ? "; ..." : "")})"))}");
        report.Figure(FigureNames.RestoreFidelity, MeasureUnit.Share, (double)result.Matching / result.Expected);
    }

    /// <summary>Whether the restore brought what was there before the backup, and nothing that came after it; markers in volumes by their bytes.</summary>
    private async Task CheckMarkersAsync(Markers? after, CancellationToken cancellationToken)
    {
        if (backup.Before is { } before)
        {
            var there = await before.Object.IsInAsync(Client, to, cancellationToken);
            Check("the marker from before the backup is back", there == true, there switch { true => before.Object.Name, null => $"{before.Object.Name} is not in namespace {to}", _ => $"{before.Object.Name} says what another run wrote" });
        }

        if (after is not null)
        {
            var there = await after.Object.IsInAsync(Client, to, cancellationToken);
            Check("the marker from after the backup is not there", there is null, there is null ? after.Object.Name : $"{after.Object.Name} is in namespace {to}: what was restored is not the backup");
        }

        foreach (var (file, i) in (backup.Before?.Files ?? []).Select((file, i) => (file, i)))
        {
            var (held, evidence) = await file.LookAsync(Client, to, cancellationToken);
            Check($"the volume of {file.Selector} has the bytes from before the backup", held, $"{file.File}: {evidence}");
            if (held is not null && after?.Files.ElementAtOrDefault(i) is { } later)
            {
                // The same program in the same pod has just worked: that it fails now says that the file is not there.
                var (there, seen) = await later.LookAsync(Client, to, cancellationToken);
                Check($"the volume of {file.Selector} has nothing from after the backup", there is null ? null : !there, there == true ? $"{later.File} is there: what was restored is not the backup" : seen);
            }
        }
    }

    /// <summary>Whether a scratch restore left the namespace of the original alone.</summary>
    public async Task CheckSpillAsync(string restore, IReadOnlyList<BackedUp> expected, CancellationToken cancellationToken)
    {
        try
        {
            var spilt = await RestoredObjects.ReadAsync(Client, expected, from, $"velero.io/restore-name={VeleroLabel.Of(restore)}", cancellationToken);
            Check(
                $"nothing was restored into namespace {from}", spilt.Count == 0,
                spilt.Count == 0 ? "no object there names this restore" : Enumeration.Of(spilt.Select(s => $"{(string?)s.Value["kind"]} {s.Key.Item2}")));
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            Check($"nothing was restored into namespace {from}", null, $"{e.Message}: grant it");
        }
    }

    /// <summary>Says that the data was looked at, if all of it is as it should be.</summary>
    public void Verified()
    {
        if (_allHeld)
        {
            report.Phase(PhaseNames.Verified, $"{backup.Name} in namespace {to}");
        }
    }

    /// <summary>Writes a finding down.</summary>
    public void Check(string what, bool? held, string evidence)
    {
        _allHeld &= held == true;
        report.Check(what, held, evidence);
    }

    private static string Advice(string messages) => messages.Contains("failed calling webhook", StringComparison.Ordinal)
        ? "; a webhook whose program is not running refused objects: restore its program first, or leave its kinds out" : "";

    private async Task<string> MessagesAsync(string restore, CancellationToken cancellationToken)
    {
        var file = await api.DownloadAsync("RestoreResults", restore, cancellationToken);
        var messages = new List<string>();
        foreach (var kind in (string[])["errors", "warnings"])
        {
            foreach (var (place, value) in file.Json()?[kind] as JsonObject ?? [])
            {
                var texts = value is JsonArray own ? own.Select(t => (string?)t) : (value as JsonObject ?? []).SelectMany(n => (n.Value as JsonArray ?? []).Select(t => $"{n.Key}: {t}"));
                messages.AddRange(texts.Select(t => $"{kind[..^1]}: {t}"));
            }
        }

        return messages.Count > 0 ? ": " + Enumeration.Of(messages) : file.Why is { } why ? $" (the messages cannot be had: {why})" : "";
    }
}
