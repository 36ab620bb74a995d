using ChaosDrill.Engine.Ports;
using ChaosDrill.Store;

namespace ChaosDrill.Worker;

/// <summary>
/// Lets the other workers of a store know that this one lives, and knows which of them do not. No clocks of two machines
/// are compared: a worker is dead when the number of its beats has stood still for long enough by this one's own clock.
/// </summary>
internal sealed class Pulse : IDisposable
{
    /// <summary>Between two beats.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Who has not beaten for this long is dead.</summary>
    public static readonly TimeSpan Death = TimeSpan.FromSeconds(6);

    /// <summary>After so long, nobody needs to know of it any more.</summary>
    private static readonly TimeSpan Oblivion = TimeSpan.FromHours(1);

    /// <summary>For so long after a beat, nobody can have taken anything over.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    private readonly FiringLedger _ledger;
    private readonly string _worker;
    private readonly string _set;
    private readonly Func<string> _scenarios;
    private readonly Action _confirm;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Beats, long Since)> _seen = new(StringComparer.Ordinal);
    private readonly Thread _thread;
    private (long Timestamp, DateTimeOffset Wall)? _last;

    /// <summary>Begins to beat.</summary>
    /// <param name="ledger">Where.</param>
    /// <param name="worker">This worker.</param>
    /// <param name="set">Its set.</param>
    /// <param name="scenarios">A digest of the scenarios that it has.</param>
    /// <param name="confirm">Called after each beat: makes sure that what this worker runs is still its own.</param>
    /// <param name="clock">Its clock.</param>
    /// <exception cref="JournalException">The store does not take the first beat.</exception>
    public Pulse(FiringLedger ledger, string worker, string set, Func<string> scenarios, Action confirm, TimeProvider clock)
    {
        (_ledger, _worker, _set, _scenarios, _confirm, _clock) = (ledger, worker, set, scenarios, confirm, clock);
        Beat();

        // A thread of its own: a worker that is busy is not dead.
        _thread = new Thread(Run) { IsBackground = true, Name = "pulse" };
        _thread.Start();
    }

    /// <summary>Whether nobody can have taken anything over from this worker.</summary>
    public bool IsFresh
    {
        get
        {
            lock (_lock)
            {
                // The monotonic clock stands still while a virtual machine does; the clock on the wall has moved on then.
                return _last is { } last && _clock.GetElapsedTime(last.Timestamp) < Fresh && _clock.GetUtcNow() - last.Wall < Fresh;
            }
        }
    }

    /// <summary>How often a worker has beaten, when it is dead; null when it lives, or may.</summary>
    public long? BeatsOfDead(string worker)
    {
        lock (_lock)
        {
            return worker != _worker && _seen.TryGetValue(worker, out var seen) && _clock.GetElapsedTime(seen.Since) >= Death ? seen.Beats : null;
        }
    }

    /// <summary>Whether a worker has beaten again since it was taken for dead.</summary>
    public bool HasBeaten(string worker, long since)
    {
        lock (_lock)
        {
            return _seen.TryGetValue(worker, out var seen) && seen.Beats > since;
        }
    }

    /// <summary>A worker that nobody has heard of yet is watched from now on.</summary>
    public void Watch(string worker)
    {
        lock (_lock)
        {
            _seen.TryAdd(worker, (0, _clock.GetTimestamp()));
        }
    }

    /// <summary>Beats no more, and leaves no trace.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _thread.Join();
        _ending.Dispose();
        try
        {
            _ledger.Forget(_worker);
        }
        catch (JournalException)
        {
            // Then a row stays that nobody minds.
        }
    }

    private void Run()
    {
        while (!_ending.Token.WaitHandle.WaitOne(Every))
        {
            try
            {
                Beat();
            }
            catch (JournalException)
            {
                // What this worker is about to do next says so; the next beat may get through.
            }
        }
    }

    private void Beat()
    {
        var begun = (_clock.GetTimestamp(), _clock.GetUtcNow());
        _ledger.Beat(_worker, _set, _scenarios());
        var beats = _ledger.Beats();
        _confirm();
        List<string> forgotten;
        lock (_lock)
        {
            // While this one could not look, it cannot say that the others did nothing.
            var wasBlind = _last is not { } last || _clock.GetElapsedTime(last.Timestamp) > Fresh;
            var now = _clock.GetTimestamp();
            foreach (var (worker, count) in beats)
            {
                if (wasBlind || !_seen.TryGetValue(worker, out var seen) || seen.Beats != count)
                {
                    _seen[worker] = (count, now);
                }
            }

            foreach (var gone in _seen.Where(s => wasBlind && !beats.ContainsKey(s.Key)).Select(s => s.Key).ToList())
            {
                _seen[gone] = (_seen[gone].Beats, now);
            }

            forgotten = [.. _seen.Where(s => beats.ContainsKey(s.Key) && _clock.GetElapsedTime(s.Value.Since) > Oblivion).Select(s => s.Key)];
            _last = begun;
        }

        forgotten.ForEach(_ledger.Forget);
    }
}
