namespace ChaosDrill.Actions.Restores;

/// <summary>The snapshot that this drill took last, for the steps after it.</summary>
internal sealed class TakenSnapshots
{
    /// <summary>Path of the file; null as long as none was taken.</summary>
    public string? Last { get; set; }
}
