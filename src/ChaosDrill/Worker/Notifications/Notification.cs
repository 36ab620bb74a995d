using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Notifications;

namespace ChaosDrill.Worker.Notifications;

/// <summary>Something that a worker tells.</summary>
/// <param name="Occasion">What of.</param>
/// <param name="Title">In a few words.</param>
/// <param name="Text">In a sentence.</param>
/// <param name="Facts">The same for programs, by name, in order; what is null is not known.</param>
internal sealed record Notification(Occasion Occasion, string Title, string Text, IReadOnlyList<(string Name, string? Value)> Facts)
{
    /// <summary>A drill begins.</summary>
    public static Notification Started(DrillHeader header) => new(
        Occasion.Start, $"Drill of {header.Scenario} begins", header.Description ?? $"{header.Plan.Steps.Count} steps in namespace {header.Plan.Namespace} of {header.Plan.Cluster.Name}.", Of(header));

    /// <summary>A drill waits for a person.</summary>
    public static Notification Held(DrillHeader header, string question) => new(
        Occasion.Hold, $"Drill of {header.Scenario} waits for an answer", question, [.. Of(header), ("question", question)]);

    /// <summary>A drill is over.</summary>
    public static Notification Ended(DrillHeader header, Judgement judgement)
    {
        var outcome = judgement.Outcome.ToString().ToLowerInvariant();
        return new(
            Occasion.Verdict, $"Drill of {header.Scenario}: {outcome}", judgement.Reason,
            [.. Of(header), ("outcome", outcome), ("reason", judgement.Reason), ("undoComplete", judgement.UndoComplete ? "true" : "false")]);
    }

    /// <summary>Something is not put back.</summary>
    /// <param name="header">The drill that changed it.</param>
    /// <param name="left">What is left, in words.</param>
    public static Notification Stranded(DrillHeader header, IReadOnlyList<string> left) => new(
        Occasion.UndoOutstanding, $"Drill of {header.Scenario} left something behind", $"Not put back: {string.Join("; ", left)}. A person is needed, unless the worker can still do it.",
        [.. Of(header), .. left.Select(l => ("left", (string?)l))]);

    /// <summary>A schedule did not bring what it was to bring.</summary>
    public static Notification Overdue(string scenario, string reason) => new(Occasion.Overdue, $"{scenario} is overdue", reason, [("scenario", scenario), ("reason", reason)]);

    private static List<(string, string?)> Of(DrillHeader header) =>
        [("scenario", header.Scenario), ("drill", header.Id), ("cluster", header.Plan.Cluster.Name), ("namespace", header.Plan.Namespace)];
}
