using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;

namespace ChaosDrill.Actions.Restores.VeleroRestoreVerify;

/// <summary>One namespace of several: what holds is counted, what does not is told, and at the end there is one row.</summary>
internal sealed class NamespaceRow(IActivityReport report, string ns, TimeProvider clock) : IActivityReport
{
    private readonly long _begin = clock.GetTimestamp();
    private readonly List<string> _bad = [];
    private readonly List<string> _phases = [];
    private bool? _held = true;
    private int _good;

    public UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within = null) => report.RecordUndo(kind, description, payload, within);

    public Task<string?> UndoAsync(UndoRecord undo) => report.UndoAsync(undo);

    public void Phase(string phase, string? detail = null, long? timestamp = null, string? subject = null)
    {
        if (!phase.StartsWith("restore ", StringComparison.Ordinal))
        {
            _phases.Add($"{phase} after {GoDuration.Format(TimeSpan.FromMilliseconds(Math.Round(clock.GetElapsedTime(_begin, timestamp ?? clock.GetTimestamp()).TotalMilliseconds)))}");
        }

        report.Phase(phase, detail, timestamp, ns);
    }

    public void Check(string check, bool? held, string evidence)
    {
        if (held == true)
        {
            _good++;
            return;
        }

        _bad.Add(check);
        _held = held == false || _held == false ? false : null;
        report.Check($"{ns}: {check}", held, evidence);
    }

    public void Figure(string name, MeasureUnit unit, double value, double? low = null, double? high = null, string? subject = null) => report.Figure(name, unit, value, low, high, ns);

    public void FigureUnknown(string name, MeasureUnit unit, string why, string? subject = null) => report.FigureUnknown(name, unit, why, ns);

    public void Note(string text) => report.Note($"{ns}: {text}");

    /// <summary>The row: whether everything held, and how long what took.</summary>
    public void End() => report.Check(
        $"namespace {ns} is restored as it was", _held,
        $"{(_bad.Count == 0 ? $"{_good} checks hold" : $"{_bad.Count} of {_good + _bad.Count} checks do not hold or are not known: {Enumeration.Of(_bad)}")}; {string.Join(", ", _phases)}");
}
