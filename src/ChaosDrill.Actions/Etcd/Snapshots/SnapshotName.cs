using System.Globalization;
using System.Text.RegularExpressions;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>The names that drills give to their snapshots: when they were taken, and which revision they end with.</summary>
internal static partial class SnapshotName
{
    /// <summary>What every snapshot's name ends in.</summary>
    public const string Ending = ".db";

    private const string Form = "yyyyMMdd-HHmmss";

    /// <summary>Name of a new snapshot. Its time is exact to a second; of two from the same one the revision tells which is later.</summary>
    public static string Of(DateTimeOffset takenAt, long revision) => string.Create(CultureInfo.InvariantCulture, $"etcd-{takenAt.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture)}-{revision}{Ending}");

    /// <summary>When the snapshot of a name was taken; null when no drill gave it.</summary>
    public static DateTimeOffset? TakenAt(string name) =>
        Ours().Match(name) is { Success: true } match && DateTimeOffset.TryParseExact(match.Groups[1].ValueSpan, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    /// <summary>The revision that the snapshot of a name ends with; -1 when no drill gave the name.</summary>
    public static long RevisionOf(string name) =>
        Ours().Match(name) is { Success: true } match && long.TryParse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var revision) ? revision : -1;

    [GeneratedRegex(@"^etcd-(\d{8}-\d{6})-(\d+)\.db$")]
    private static partial Regex Ours();
}
