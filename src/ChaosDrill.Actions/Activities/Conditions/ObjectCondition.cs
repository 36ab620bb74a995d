using System.Text.Json.Serialization;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities.Conditions;

/// <summary>Something that holds of an object of the namespace, or does not.</summary>
public abstract record ObjectCondition : StepAction
{
    /// <summary>The object's kind, as manifests write it: <c>Deployment</c>, <c>Job</c>, <c>ConfigMap</c>.</summary>
    public required string ObjectKind { get; init; }

    /// <summary>Group and version of the kind, as manifests write it: <c>v1</c>, <c>apps/v1</c>.</summary>
    public string ApiVersion { get; init; } = "v1";

    /// <summary>The object's name.</summary>
    public required string Name { get; init; }

    /// <summary>A condition of its status that is to be True, such as <c>Available</c>; <c>Progressing=False</c> asks for another value.</summary>
    public string? Condition { get; init; }

    /// <summary>Where to look in the object, as a JSON pointer: <c>/status/readyReplicas</c>.</summary>
    public string? Path { get; init; }

    /// <summary>What is to stand there, as text. Without it, anything.</summary>
    public string? EqualTo { get; init; }

    /// <summary>Whether the object is to be gone.</summary>
    public bool Absent { get; init; }

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if ((Condition is null ? 0 : 1) + (Path is null ? 0 : 1) + (Absent ? 1 : 0) != 1)
        {
            yield return new OptionProblem("", "it asks one thing of its object", "write condition: Available, or path: /status/readyReplicas, or absent: true");
        }

        if (EqualTo is not null && Path is null)
        {
            yield return new OptionProblem("equalTo", "a value is compared with what stands at a path", "write path: /status/readyReplicas, too");
        }

        if (Path is not null && !Path.StartsWith('/'))
        {
            yield return new OptionProblem("path", "a JSON pointer begins with a slash", "write path: /status/readyReplicas");
        }
    }
}

/// <summary>Waits until something holds of an object. What does not hold in time fails the drill.</summary>
public sealed record WaitFor : ObjectCondition
{
    /// <summary>How long to wait, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>Looks once whether something holds of an object. What does not hold fails the drill; what cannot be known leaves it inconclusive.</summary>
public sealed record Check : ObjectCondition;
