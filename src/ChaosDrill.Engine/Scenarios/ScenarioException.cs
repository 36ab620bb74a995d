namespace ChaosDrill.Engine.Scenarios;

/// <summary>A scenario file cannot be used.</summary>
/// <remarks>The message is meant for people and names every error, at most <see cref="MostShown"/> of them.</remarks>
public sealed class ScenarioException : Exception
{
    /// <summary>How many errors the message names.</summary>
    public const int MostShown = 20;

    /// <summary>Gathers the errors of one file.</summary>
    /// <param name="errors">What is wrong, in file order; at least one.</param>
    /// <param name="unlisted">How many more there are than are listed.</param>
    public ScenarioException(IReadOnlyList<ScenarioError> errors, int unlisted = 0)
        : base(Tell(errors, unlisted)) =>
        Errors = errors;

    /// <summary>What is wrong, in file order.</summary>
    public IReadOnlyList<ScenarioError> Errors { get; }

    private static string Tell(IReadOnlyList<ScenarioError> errors, int unlisted)
    {
        var shown = string.Join('\n', errors.Take(MostShown));
        var rest = errors.Count - Math.Min(errors.Count, MostShown) + unlisted;
        return rest == 0 ? shown : $"{shown}\n... and {rest} more";
    }
}
