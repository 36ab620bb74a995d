using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Measures;

namespace ChaosDrill.Actions.Restores.SelfTest;

/// <summary>Keeps what an activity finds when no drill runs, and goes its ways back.</summary>
internal sealed class CollectedFindings(TimeProvider clock) : IActivityReport
{
    private readonly List<UndoRecord> _open = [];

    public List<(string Check, bool? Held, string Evidence)> Checks { get; } = [];

    public List<string> Phases { get; } = [];

    public Dictionary<string, double> Figures { get; } = [];

    /// <summary>What is wrong, in one line: the first check that does not hold, or is not known; null when all hold.</summary>
    public string? Trouble => Checks.Where(c => c.Held != true).OrderBy(c => c.Held is null).Select(c => $"{c.Check}: {c.Evidence}").FirstOrDefault();

    public UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within = null)
    {
        var undo = new UndoRecord("selftest", $"{_open.Count:000}-{kind}", kind, description, payload, clock.GetUtcNow());
        _open.Add(undo);
        return undo;
    }

    public async Task<string?> UndoAsync(UndoRecord undo)
    {
        _ = undo.Kind == LocalPlace.UndoKind ? LocalPlace.Remove(undo) : await SnapshotTraces.RemoveAsync(undo, clock, CancellationToken.None);
        _open.Remove(undo);
        return null;
    }

    /// <summary>Goes every way back that is still open, the last first.</summary>
    public async Task UndoAllAsync()
    {
        foreach (var undo in Enumerable.Reverse(_open).ToList())
        {
            await UndoAsync(undo);
        }
    }

    public void Phase(string phase, string? detail, long? timestamp, string? subject) => Phases.Add(phase);

    public void Check(string check, bool? held, string evidence) => Checks.Add((check, held, evidence));

    public void Figure(string name, MeasureUnit unit, double value, double? low, double? high, string? subject) => Figures[name] = value;

    public void FigureUnknown(string name, MeasureUnit unit, string why, string? subject)
    {
    }

    public void Note(string text)
    {
    }
}
