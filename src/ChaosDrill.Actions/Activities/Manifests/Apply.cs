using System.Text.Json.Serialization;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities.Manifests;

/// <summary>
/// Creates an object of the namespace or of the whole cluster, or changes the one that is there: members of the manifest
/// replace those of the object, other members stay. Undo deletes what was created and puts back what was changed, unless
/// somebody else changed it meanwhile; of a created pod, to whose lists servers add, it looks at the images and at what is
/// no list.
/// </summary>
/// <remarks>
/// No secrets: a scenario's text, and the way back from a change, are kept with every drill. No namespaces and nodes: undo
/// would delete what others have put on them.
/// </remarks>
public sealed record Apply : StepAction
{
    /// <summary>The manifest as YAML text, one object; write <c>|</c> and indent it.</summary>
    public required string Manifest { get; init; }

    /// <summary>How long it lasts before it is put back, 1s to 168h. Without it, until an undo step or the end of the drill.</summary>
    [Between("1s", "168h")]
    public TimeSpan? MaxDuration { get; init; }

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (ManifestText.TryRead(Manifest, out var manifest, out var problem))
        {
            if (manifest["apiVersion"] is null || manifest["kind"] is null || manifest["metadata"]?["name"] is null)
            {
                yield return new OptionProblem("manifest", "a manifest names its apiVersion, its kind and its metadata.name", "write them, as for kubectl apply");
            }
            else if ((string?)manifest["kind"] is "Namespace" or "Node" or "Secret")
            {
                yield return new OptionProblem(
                    "manifest", (string?)manifest["kind"] == "Secret" ? "a secret does not belong into a scenario, whose text is kept with every drill"
                        : $"a {(string?)manifest["kind"]} is not applied by a drill: to undo it would delete what others have put there",
                    "apply it before the drill");
            }
        }
        else
        {
            yield return new OptionProblem("manifest", problem, "write one object in YAML, as for kubectl apply");
        }
    }
}
