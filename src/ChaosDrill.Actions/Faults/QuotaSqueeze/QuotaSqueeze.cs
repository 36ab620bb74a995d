using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.QuotaSqueeze;

/// <summary>
/// Gives the namespace a quota that new pods do not fit into. What runs goes on, and what dies is not replaced until undo
/// deletes the quota. Proved when the API server refuses a pod that is only tried (dry run), for that quota.
/// </summary>
public sealed record QuotaSqueeze : StepAction
{
    /// <summary>How many pods the namespace may have, 0 to 10000. Pods above that stay; new ones are refused.</summary>
    [Between("0", "10000")]
    public int Pods { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }
}
