using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Measures;

namespace ChaosDrill.Actions.Faults.EtcdDisaster;

/// <summary>What a verification finds before the disaster: its phases are told as those of a rehearsal, and its figures, which are of no restore yet, are not.</summary>
internal sealed class DryRestore(IFaultReport report) : IActivityReport
{
    /// <summary>The first check that does not hold or is not known; null when all hold.</summary>
    public string? Trouble { get; private set; }

    public UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within) => report.RecordUndo(kind, description, payload, within);

    public Task<string?> UndoAsync(UndoRecord undo) => report.UndoAsync(undo);

    public void Phase(string phase, string? detail, long? timestamp, string? subject) => report.Phase("dry run: " + phase, detail, timestamp, subject);

    public void Check(string check, bool? held, string evidence)
    {
        Trouble ??= held == true ? null : $"{check}: {evidence}";
        report.Check("dry run: " + check, held, evidence);
    }

    public void Figure(string name, MeasureUnit unit, double value, double? low, double? high, string? subject)
    {
    }

    public void FigureUnknown(string name, MeasureUnit unit, string why, string? subject)
    {
    }

    public void Note(string text) => report.Note(text);
}
