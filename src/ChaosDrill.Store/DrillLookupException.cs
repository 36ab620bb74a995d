namespace ChaosDrill.Store;

/// <summary>An id that names no drill, or several.</summary>
/// <param name="message">What was asked for and what is near.</param>
/// <param name="near">Ids that may have been meant, the newest first.</param>
public sealed class DrillLookupException(string message, IReadOnlyList<string> near) : Exception(message)
{
    /// <summary>Ids that may have been meant, the newest first.</summary>
    public IReadOnlyList<string> Near => near;
}
