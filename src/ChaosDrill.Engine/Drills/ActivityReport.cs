using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>Writes what a step does and finds into the timeline, and remembers the worst of its findings.</summary>
internal class ActivityReport(DrillTimeline timeline, UndoLedger undos, int step, int iteration, TimeSpan? lasts) : IActivityReport
{
    private readonly Lock _lock = new();

    /// <summary>Where it is written.</summary>
    protected DrillTimeline Timeline => timeline;

    /// <summary>Position of the step, from 0.</summary>
    protected int Step => step;

    /// <summary>Which repetition, from 1.</summary>
    protected int Iteration => iteration;

    private ActivityOutcome? _found;

    /// <summary>What the findings say of the step: the first that does not hold, else the first that is not known; null when all hold.</summary>
    public ActivityOutcome? Found
    {
        get
        {
            lock (_lock)
            {
                return _found;
            }
        }
    }

    public UndoRecord RecordUndo(string kind, string description, string payload, TimeSpan? within) =>
        undos.Record(step, kind, description, payload, lasts, within);

    public Task<string?> UndoAsync(UndoRecord undo) => undos.GoAsync(undo);

    public void Phase(string phase, string? detail, long? timestamp, string? subject) => Record(new PhaseReached(step, iteration, phase, detail, subject), timestamp);

    public void Check(string check, bool? held, string evidence)
    {
        timeline.Record(new CheckMade(step, iteration, check, held, evidence));
        lock (_lock)
        {
            _found = held switch
            {
                false when _found?.Outcome != StepOutcome.Disproved => ActivityOutcome.Failed($"{check}: {evidence}"),
                null => _found ?? ActivityOutcome.Unknown($"{check}: {evidence}"),
                _ => _found,
            };
        }
    }

    public void Figure(string name, MeasureUnit unit, double value, double? low, double? high, string? subject) =>
        timeline.Record(new FigureMeasured(step, name, unit, new MeasuredValue(iteration, value, low ?? value, high ?? value, null) { Subject = subject }));

    public void FigureUnknown(string name, MeasureUnit unit, string why, string? subject) =>
        timeline.Record(new FigureMeasured(step, name, unit, MeasuredValue.Unknown(iteration, why) with { Subject = subject }));

    public void Note(string text) => timeline.Record(new Note(text));

    private void Record(TimelineEvent happened, long? timestamp)
    {
        if (timestamp is { } at)
        {
            timeline.Record(happened, at);
        }
        else
        {
            timeline.Record(happened);
        }
    }
}
