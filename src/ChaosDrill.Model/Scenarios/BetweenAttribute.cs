namespace ChaosDrill.Model.Scenarios;

/// <summary>
/// The smallest and largest value that a scenario file may give a member, both allowed, written as the file writes them:
/// <c>[Between("10ms", "1h")]</c>, <c>[Between("1", "1000")]</c>.
/// </summary>
/// <remarks>Reader, JSON Schema and reference all take the range from here, so that they cannot disagree.</remarks>
/// <param name="least">Smallest value allowed, in the notation of the member's type.</param>
/// <param name="most">Largest value allowed, in the notation of the member's type.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BetweenAttribute(string least, string most) : Attribute
{
    /// <summary>Smallest value allowed.</summary>
    public string Least { get; } = least;

    /// <summary>Largest value allowed.</summary>
    public string Most { get; } = most;
}
