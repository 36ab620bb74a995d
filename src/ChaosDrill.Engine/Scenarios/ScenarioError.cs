using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>One thing that is wrong in a scenario file: what, where, and how to mend it.</summary>
/// <param name="Code">Which kind of error, one of <see cref="ScenarioErrorCodes"/>.</param>
/// <param name="Source">Where it stands.</param>
/// <param name="Path">The field, such as <c>spec.steps[2].awaitRecovery.stableFor</c>; empty when the file as a whole is wrong.</param>
/// <param name="Message">What was found and what is allowed.</param>
/// <param name="Mend">What to write instead.</param>
public sealed record ScenarioError(string Code, SourcePosition Source, string Path, string Message, string Mend)
{
    /// <summary>As compilers write it: <c>drill.yaml:14:9 CD1107 spec.steps[2].awaitRecovery.stableFor: found "30", a duration needs a unit; write "30s"</c>.</summary>
    public override string ToString() =>
        $"{Source} {Code} {(Path.Length == 0 ? "" : Path + ": ")}{Message}{(Mend.Length == 0 ? "" : "; " + Mend)}";
}
