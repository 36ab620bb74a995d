using System.Text.Json.Serialization;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities.Holds;

/// <summary>
/// Waits for a person: the question is shown on the terminal, and answered there with <c>y</c> or <c>n</c> and Enter. No
/// fails the drill; no answer in time, as where nobody is at a terminal, leaves it inconclusive.
/// </summary>
public sealed record Hold : StepAction
{
    /// <summary>What the person is asked, such as <c>Do shoppers see the maintenance page?</c></summary>
    public required string Question { get; init; }

    /// <summary>How long to wait for an answer, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    [NotInFile]
    [JsonIgnore]
    public override bool IsFault => false;

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (string.IsNullOrWhiteSpace(Question))
        {
            yield return new OptionProblem("question", "there is nothing to ask", "write question: Do shoppers see the maintenance page?");
        }
    }
}
