using System.Globalization;
using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Velero;

/// <summary>Phases of backups and restores.</summary>
internal static class VeleroPhase
{
    public const string Completed = "Completed";

    /// <summary>By equality: <c>FinalizingPartiallyFailed</c> is not the end.</summary>
    public static bool IsTerminal(string phase) => phase is Completed or "PartiallyFailed" or "Failed" or "FailedValidation" or "Deleting";

    /// <summary>The phase; <c>New</c> when none is set.</summary>
    public static string Of(JsonObject item) => (string?)item["status"]?["phase"] is { Length: > 0 } phase ? phase : "New";

    /// <summary>A count in the status; absent means 0.</summary>
    public static int Count(JsonObject item, string field) => (int?)item["status"]?[field] ?? 0;

    public static DateTimeOffset? Time(JsonObject item, string field) =>
        DateTimeOffset.TryParse((string?)item["status"]?[field], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>How a run ended, in one line: phase, errors, warnings, and the reason that Velero gives.</summary>
    public static string Ending(JsonObject item)
    {
        var reasons = (item["status"]?["validationErrors"] as JsonArray ?? []).Select(e => (string?)e).Append((string?)item["status"]?["failureReason"]).Where(r => !string.IsNullOrEmpty(r));
        var counts = $"{Count(item, "errors")} errors, {Count(item, "warnings")} warnings";
        return string.Join("; ", reasons.Prepend($"{Of(item)}, {counts}"));
    }
}
