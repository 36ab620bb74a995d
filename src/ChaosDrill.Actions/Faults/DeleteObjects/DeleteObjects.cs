using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Faults.DeleteObjects;

/// <summary>
/// Deletes objects of the namespace. Each is saved whole in the cluster first, beside the original, and undo creates it
/// anew from there, without what only the server sets. Proved when the object's uid is gone.
/// </summary>
public sealed record DeleteObjects : StepAction
{
    /// <summary>Their kind, as manifests write it: <c>ConfigMap</c>, <c>Secret</c>, <c>Service</c>.</summary>
    public required string ObjectKind { get; init; }

    /// <summary>Group and version of the kind, as manifests write it: <c>v1</c>, <c>apps/v1</c>.</summary>
    public string ApiVersion { get; init; } = "v1";

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Their labels, as kubectl takes them; every object that matches is deleted.</summary>
    public string? Selector { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (Names.Count > 0 == !string.IsNullOrWhiteSpace(Selector))
        {
            yield return new OptionProblem("", "it names its objects either by name or by labels", "write names: [NAME], or selector: LABEL=VALUE");
        }

        if (ObjectKind is "Pod" or "Namespace" or "Node")
        {
            yield return new OptionProblem("objectKind", $"a {ObjectKind} cannot be put back from its definition alone", "for pods, write podKill or podEvict");
        }
    }
}
