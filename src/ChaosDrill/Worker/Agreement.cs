using ChaosDrill.Engine.Ports;
using ChaosDrill.Store;

namespace ChaosDrill.Worker;

/// <summary>
/// Sees that the workers of a set have the same scenarios. Their schedules are one: what the worker says whose files changed last.
/// A new file reaches all of them within minutes; folders that are others for longer overwrite each other's schedules.
/// </summary>
internal sealed class Agreement(FiringLedger ledger, string set, string worker, ScenarioShelf shelf, WorkerLog log, TimeProvider clock)
{
    /// <summary>A mounted ConfigMap may take a minute and a half to be the same everywhere.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, (string Scenarios, long Since)> _others = [];

    /// <summary>The living workers of this one's set that have had other scenarios for longer than a change takes.</summary>
    public IReadOnlyList<string> Disagreeing { get; private set; } = [];

    /// <summary>Looks, and says so when a worker begins to disagree.</summary>
    /// <param name="isDead">Whether a worker is known to be dead.</param>
    /// <exception cref="JournalException">The store fails.</exception>
    public void Look(Func<string, bool> isDead)
    {
        var (own, now) = (shelf.Digest, clock.GetTimestamp());
        var others = ledger.Scenarios(set).Where(w => w.Key != worker && w.Value.Length > 0 && w.Value != own && !isDead(w.Key)).ToDictionary();
        foreach (var gone in _others.Keys.Except(others.Keys).ToList())
        {
            _others.Remove(gone);
        }

        foreach (var (other, scenarios) in others)
        {
            // From the newer of the two changes on.
            var pair = own + scenarios;
            if (!_others.TryGetValue(other, out var known) || known.Scenarios != pair)
            {
                _others[other] = (pair, now);
            }
        }

        List<string> disagreeing = [.. _others.Where(o => clock.GetElapsedTime(o.Value.Since, now) > Patience).Select(o => o.Key).Order(StringComparer.Ordinal)];
        foreach (var other in disagreeing.Except(Disagreeing))
        {
            log.Warn($"worker {other} has other scenarios: workers of one set overwrite each other's schedules unless their folders are the same. Give them the same folders, or different sets with --set", ("set", set));
        }

        Disagreeing = disagreeing;
    }
}
