using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>Keeps what a fault or a restore says, and goes its ways back when it asks for that.</summary>
internal sealed class SeenHarm(Func<UndoRecord, Task<string>> go) : IFaultReport
{
    public List<UndoRecord> Undos { get; } = [];

    public List<Target> Effects { get; } = [];

    public List<string> Phases { get; } = [];

    public Dictionary<string, double> Figures { get; } = [];

    public List<(string Check, bool? Held, string Evidence)> Checks { get; } = [];

    public bool IsTouched { get; private set; }

    public UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within = null)
    {
        var undo = new UndoRecord("drill-1", $"{Undos.Count:000}-{kind}", kind, description, payload, DateTimeOffset.UnixEpoch);
        Undos.Add(undo);
        return undo;
    }

    public async Task<string?> UndoAsync(UndoRecord undo)
    {
        await go(undo);
        Undos.Remove(undo);
        return null;
    }

    public void Requested(params IReadOnlyList<Target> targets) => IsTouched = true;

    public void Acknowledged(Target target) => IsTouched = true;

    public void TookEffect(Target target, string evidence, long timestamp) => Effects.Add(target);

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
