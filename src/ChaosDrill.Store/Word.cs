namespace ChaosDrill.Store;

/// <summary>What somebody told one worker about a drill that another one runs.</summary>
/// <param name="Drill">Id of the drill.</param>
/// <param name="Verb"><see cref="Abort"/>, <see cref="Yes"/> or <see cref="No"/>.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why; may be empty.</param>
public sealed record Word(string Drill, string Verb, string By, string Reason)
{
    /// <summary>Stop, and undo.</summary>
    public const string Abort = "abort";

    /// <summary>The answer to a hold.</summary>
    public const string Yes = "yes";

    /// <summary>The answer to a hold.</summary>
    public const string No = "no";
}
