using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Notifications;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Store;
using ChaosDrill.Web;

namespace ChaosDrill.Worker.Notifications;

/// <summary>Tells webhooks what becomes of a worker's drills.</summary>
internal sealed class Notifier : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly List<WebhookSender> _senders;
    private readonly HashSet<string> _stranded = [];

    private readonly string _worker;
    private readonly TimeProvider _clock;

    private Notifier(List<WebhookSender> senders, string worker, TimeProvider clock) => (_senders, _worker, _clock) = (senders, worker, clock);

    /// <summary>Opens the webhooks that a file names.</summary>
    /// <param name="file">The file; null is nobody to tell.</param>
    /// <param name="worker">Who tells.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="ScenarioException">The file is no good.</exception>
    /// <exception cref="CommandException">A URL cannot be had.</exception>
    public static Notifier Open(string? file, string worker, WorkerLog log, TimeProvider clock)
    {
        var hooks = file is null ? [] : WebhooksReader.ReadFile(file).Webhooks.Select(h => (Hook: h, Url: UrlOf(h, Path.GetDirectoryName(file) ?? ""))).ToList();
        return new Notifier([.. hooks.Select(h => new WebhookSender(h.Hook, h.Url, worker, Pause, log, clock))], worker, clock);
    }

    /// <summary>Tells everybody who wants to know; returns at once.</summary>
    public void Tell(Notification told) => _senders.ForEach(s => s.Tell(told));

    /// <summary>Tells of what every worker of a store sees: each webhook is told by one of them, once for ever.</summary>
    /// <param name="subject">What of; the same words for whoever sees it.</param>
    /// <param name="told">The notification.</param>
    /// <param name="ledger">Where it is written down who tells.</param>
    /// <remarks>Written down before it is told: whom a dying worker was about to tell, nobody tells. What lasts is in the metrics.</remarks>
    /// <exception cref="JournalException">The store fails; who was not told yet can be told later.</exception>
    public void TellOnce(string subject, Notification told, FiringLedger ledger)
    {
        foreach (var sender in _senders.Where(s => s.Wants(told.Occasion) && ledger.Announce($"{s.Name}: {subject}", _worker, _clock.GetUtcNow())))
        {
            sender.Tell(told);
        }
    }

    /// <summary>Tells of what is worth it in a running drill; returns at once.</summary>
    /// <param name="header">The drill.</param>
    /// <param name="entry">What happened; null is its beginning.</param>
    public void Show(DrillHeader header, TimelineEntry? entry)
    {
        if (entry is null)
        {
            Tell(Notification.Started(header));
        }
        else if (entry.Event is PhaseReached { Phase: PhaseNames.Held } held)
        {
            Tell(Notification.Held(header, held.Detail ?? ""));
        }
    }

    /// <summary>Tells of changes that drills which are over left behind, once for each drill.</summary>
    public void LookForStranded(DrillStore store)
    {
        var stranded = store.OutstandingUndos().Where(u => u.Drill is DrillState.Ended or DrillState.Crashed).GroupBy(u => u.Undo.DrillId).ToList();
        _stranded.IntersectWith(stranded.Select(s => s.Key));
        foreach (var left in stranded.Where(s => !_stranded.Contains(s.Key)))
        {
            TellOnce($"undoOutstanding of {left.Key}", Notification.Stranded(store.Read(left.Key)!.Header, [.. left.Select(l => l.Undo.Description)]), store.Firings);
            _stranded.Add(left.Key);
        }
    }

    /// <summary>Writes how many notifications went out.</summary>
    public void Write(MetricsText text)
    {
        text.Metric("chaosdrill_notifications_total", "counter", "Notifications by webhook, by what became of them since the worker's start.");
        foreach (var (name, counts) in _senders.Select(s => s.Tally))
        {
            foreach (var (result, count) in counts)
            {
                text.Sample("chaosdrill_notifications_total", count, ("webhook", name), ("result", result));
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await Task.WhenAll(_senders.Select(s => s.DisposeAsync().AsTask()));

    private static Uri UrlOf(Webhook hook, string folder)
    {
        string? text;
        try
        {
            text = hook.UrlEnv is { } variable ? Environment.GetEnvironmentVariable(variable) : File.ReadAllText(Path.Combine(folder, hook.UrlFile!));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.BadUsage, $"webhook {hook.Name}: the file with its URL cannot be read: {e.Message}", e);
        }

        // Not a word of what it holds: half a URL may be the secret half.
        return Uri.TryCreate(text?.Trim(), UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
            ? url
            : throw new CommandException(
                ExitCode.BadUsage,
                $"webhook {hook.Name}: {(hook.UrlEnv is not null ? $"the environment variable {hook.UrlEnv}" : hook.UrlFile)} holds no http or https address; put the whole URL there, and nothing else");
    }
}
