using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>What was known when a snapshot was taken; lies beside it as <c>FILE.json</c>.</summary>
internal sealed record SnapshotNote
{
    public const string Suffix = ".json";

    /// <summary>Version of this form.</summary>
    public int Format { get; init; } = 1;

    /// <summary>SHA-256 of the database in it.</summary>
    public required string Sha256 { get; init; }

    /// <summary>When taking it began, by the clock of the machine that took it: what came later may be missing.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Member that it is the state of.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Id of its cluster.</summary>
    public required ulong ClusterId { get; init; }

    /// <summary>Id of the member.</summary>
    public required ulong MemberId { get; init; }

    /// <summary>Version of the member.</summary>
    public required string Version { get; init; }

    /// <summary>Last revision in it.</summary>
    public required long Revision { get; init; }

    /// <summary>Keys in it.</summary>
    public required long Keys { get; init; }

    /// <summary>Digest over its content.</summary>
    public required string Content { get; init; }

    /// <summary>The member's own hash at that revision; null when it could not be had.</summary>
    public uint? Hash { get; init; }

    /// <summary>Compact revision that the hash was taken with.</summary>
    public long HashCompactRevision { get; init; }

    /// <summary>Key that was written before the snapshot.</summary>
    public string? MarkerBefore { get; init; }

    /// <summary>Key that was written after the snapshot.</summary>
    public string? MarkerAfter { get; init; }

    /// <summary>Value of both.</summary>
    public string? MarkerValue { get; init; }

    /// <summary>Drill that took it.</summary>
    public string? Drill { get; init; }

    /// <summary>The note beside a snapshot; null when there is none.</summary>
    /// <exception cref="FormatException">It cannot be understood.</exception>
    public static SnapshotNote? Beside(string snapshot)
    {
        try
        {
            return File.Exists(snapshot + Suffix)
                ? JsonSerializer.Deserialize(File.ReadAllText(snapshot + Suffix), SnapshotJson.Default.SnapshotNote)
                : null;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{snapshot + Suffix} cannot be understood: {e.Message}", e);
        }
    }

    /// <summary>Lays the note beside its snapshot.</summary>
    public void WriteBeside(string snapshot) => File.WriteAllText(snapshot + Suffix, JsonSerializer.Serialize(this, SnapshotJson.Default.SnapshotNote));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SnapshotNote))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
