using System.Threading.Channels;
using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Worker;

/// <summary>A drill of this worker, from its claim to its last word, and those who watch it.</summary>
internal sealed class RunningDrill(Firing firing, WorkerLog log, Action<DrillHeader, TimelineEntry?> told) : IDrillView, IPerson
{
    /// <summary>What a watcher that reads too slowly may be behind; then it is let go, and may come again.</summary>
    private const int Behind = 4096;

    private readonly Lock _lock = new();
    private readonly List<Channel<TimelineEntry>> _watchers = [];
    private readonly List<TimelineEntry> _entries = [];
    private bool _over;
    private TaskCompletionSource<bool>? _question;

    /// <summary>The firing that it is of.</summary>
    public Firing Firing => firing;

    /// <summary>The stop button.</summary>
    public AbortSwitch Abort { get; } = new();

    /// <summary>What is known before it starts; null until it has begun.</summary>
    public DrillHeader? Header { get; private set; }

    /// <summary>Completes when nothing is left to be done.</summary>
    public Task Done { get; set; } = Task.CompletedTask;

    /// <summary>Whether another worker has taken it over: this one must not do anything for it any more.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether its last word is in the store.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Another worker has taken it over.</summary>
    public void Lose()
    {
        IsLost = true;
        Abort.Abort("another worker took this one for dead, and the drill over");
    }

    /// <inheritdoc />
    public Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        var question = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _question = question;
        }

        cancellationToken.Register(() => question.TrySetCanceled(cancellationToken));
        return question.Task;
    }

    /// <summary>Answers the hold that it waits at.</summary>
    /// <returns>Whether it waited at one.</returns>
    public bool Answer(bool yes, string by)
    {
        lock (_lock)
        {
            if (_question is not { Task.IsCompleted: false } question || !question.TrySetResult(yes))
            {
                return false;
            }
        }

        log.Info($"hold answered: {(yes ? "yes" : "no")}", ("drill", Header?.Id), ("by", by));
        return true;
    }

    /// <summary>Does what somebody asks for.</summary>
    /// <returns>Whether there was something to do.</returns>
    public bool Hear(Word word)
    {
        if (word.Verb != Word.Abort)
        {
            return Answer(word.Verb == Word.Yes, word.By);
        }

        Abort.Abort($"stopped by {word.By}{(string.IsNullOrWhiteSpace(word.Reason) ? "" : ": " + word.Reason)}");
        return true;
    }

    /// <inheritdoc />
    public void Begin(DrillHeader header)
    {
        Header = header;
        log.Info("drill begins", ("drill", header.Id), ("scenario", header.Scenario), ("cluster", header.Plan.Cluster.Name), ("namespace", header.Plan.Namespace), ("firing", firing.Id));
        told(header, null);
    }

    /// <inheritdoc />
    public void Show(TimelineEntry entry)
    {
        switch (entry.Event)
        {
            case StepStarted step:
                log.Info("step begins", ("drill", Header!.Id), ("step", step.Step + 1), ("iteration", step.Iteration));
                break;
            case StepEnded step:
                log.Info($"step ends: {step.Outcome}", ("drill", Header!.Id), ("step", step.Step + 1), ("iteration", step.Iteration), ("reason", step.Reason));
                break;
        }

        told(Header!, entry);
        lock (_lock)
        {
            _entries.Add(entry);
            foreach (var slow in _watchers.Where(w => !w.Writer.TryWrite(entry)).ToList())
            {
                slow.Writer.TryComplete();
                _watchers.Remove(slow);
            }
        }
    }

    /// <summary>What has happened so far and what happens from now on, without a hole; ends with the drill.</summary>
    public (IReadOnlyList<TimelineEntry> SoFar, ChannelReader<TimelineEntry> Next) Watch()
    {
        lock (_lock)
        {
            var channel = Channel.CreateBounded<TimelineEntry>(new BoundedChannelOptions(Behind) { SingleReader = true, SingleWriter = true });
            if (_over)
            {
                channel.Writer.Complete();
            }
            else
            {
                _watchers.Add(channel);
            }

            return ([.. _entries], channel.Reader);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _over = true;
            _watchers.ForEach(w => w.Writer.TryComplete());
        }

        return ValueTask.CompletedTask;
    }
}
