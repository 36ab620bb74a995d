using ChaosDrill.Model.Drills;

namespace ChaosDrill;

/// <summary>Every exit code there is. Scripts rely on them; none is ever given a second meaning.</summary>
internal enum ExitCode
{
    /// <summary>Every objective was met, or the command did what it should.</summary>
    Pass = 0,

    /// <summary>An objective was missed.</summary>
    Fail = 1,

    /// <summary>It cannot be known.</summary>
    Inconclusive = 2,

    /// <summary>Refused before anything was touched.</summary>
    Refused = 3,

    /// <summary>Stopped on the way and undone.</summary>
    Aborted = 4,

    /// <summary>Something is left that a person has to put back.</summary>
    UndoIncomplete = 5,

    /// <summary>Bad usage, or a bad scenario.</summary>
    BadUsage = 64,

    /// <summary>A defect in ChaosDrill.</summary>
    Defect = 70,

    /// <summary>Ended at once by a second Ctrl-C, SIGTERM or SIGHUP, as shells number the first of them; what was not undone is on disk, and was named.</summary>
    Killed = 130,
}

/// <summary>What leads to an exit code, and what it means.</summary>
internal static class ExitCodes
{
    /// <summary>All of them, in the order in which help lists them.</summary>
    public static IReadOnlyList<ExitCode> Listed { get; } = Enum.GetValues<ExitCode>();

    /// <summary>The exit code of a judged drill. Something left behind outweighs any verdict.</summary>
    public static ExitCode Of(Judgement judgement) => judgement switch
    {
        { UndoComplete: false } => ExitCode.UndoIncomplete,
        { Outcome: DrillOutcome.Pass } => ExitCode.Pass,
        { Outcome: DrillOutcome.Fail } => ExitCode.Fail,
        { Outcome: DrillOutcome.Refused } => ExitCode.Refused,
        { Outcome: DrillOutcome.Aborted } => ExitCode.Aborted,
        _ => ExitCode.Inconclusive,
    };

    /// <summary>What a code means, in a few words.</summary>
    public static string Meaning(ExitCode code) => code switch
    {
        ExitCode.Pass => "pass",
        ExitCode.Fail => "fail: an objective was missed",
        ExitCode.Inconclusive => "inconclusive: it cannot be known",
        ExitCode.Refused => "refused before anything was touched",
        ExitCode.Aborted => "aborted and undone",
        ExitCode.UndoIncomplete => "undo incomplete: a person is needed",
        ExitCode.BadUsage => "bad usage or bad scenario",
        ExitCode.Killed => "ended at once by a second Ctrl-C: what is not undone is named",
        _ => "a defect in ChaosDrill",
    };
}
