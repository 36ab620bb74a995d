using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Keeps what is written, and lets the process die right after a given write.</summary>
internal sealed class MortalJournal(int diesAfter = int.MaxValue) : IJournal
{
    /// <summary>Samples are many and alike: one of so many counts as a write to die after.</summary>
    private const int SamplesPerWrite = 25;

    private readonly List<UndoRecord> _undos = [];
    private int _samples;

    /// <summary>Writes so far that a process may die after.</summary>
    public int Writes { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>What the next start finds: the last change first.</summary>
    public IReadOnlyList<UndoRecord> Outstanding => [.. _undos.OrderByDescending(u => u.Id, StringComparer.Ordinal)];

    public void Begin(DrillHeader header) => Wrote();

    public void Append(string drillId, IReadOnlyList<TimelineEntry> entries)
    {
        if (entries.All(e => e.Event is ProbeSampled) && ++_samples % SamplesPerWrite != 0 && !IsDead)
        {
            return;
        }

        Wrote();
    }

    public void RecordUndo(UndoRecord undo)
    {
        if (!IsDead)
        {
            _undos.Add(undo);
        }

        Wrote();
    }

    public void FinishUndo(string drillId, string undoId)
    {
        if (!IsDead)
        {
            _undos.RemoveAll(u => u.Id == undoId);
        }

        Wrote();
    }

    public void End(string drillId, DrillEnd end, Judgement judgement) => Wrote();

    private void Wrote()
    {
        if (IsDead || ++Writes >= diesAfter)
        {
            IsDead = true;
            throw new DeathException();
        }
    }
}
