namespace ChaosDrill.Engine.Scenarios.Checks;

/// <summary>Something that a check found wrong with a scenario whose single values are good.</summary>
/// <param name="Code">One of <see cref="ScenarioErrorCodes"/>.</param>
/// <param name="Path">The field to be changed.</param>
/// <param name="Message">What was found and what is allowed.</param>
/// <param name="Mend">What to write instead.</param>
/// <param name="RestsOn">Other fields that this was concluded from; if one of them is wrong, the finding is not reported.</param>
internal sealed record Finding(string Code, string Path, string Message, string Mend, IReadOnlyList<string> RestsOn);
