namespace ChaosDrill.Model.Drills;

/// <summary>Derives measures and verdict from a drill's record alone.</summary>
public static class Judge
{
    /// <summary>Judges a drill. A record without an end is that of a drill whose process died: it is inconclusive.</summary>
    public static Judgement Of(DrillRecord record) => throw new NotSupportedException(record.Header.Id);
}
