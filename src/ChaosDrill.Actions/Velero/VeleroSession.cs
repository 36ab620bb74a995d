using System.Text.Json.Nodes;
using ChaosDrill.Actions.Ledgers;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Velero;

/// <summary>What the steps of one drill know of each other: which backup was chosen, and whether the namespace is gone on purpose.</summary>
internal sealed class VeleroSession
{
    /// <summary>The backup that restore steps use; null before one was made or selected.</summary>
    public ChosenBackup? Chosen { get; set; }

    /// <summary>Whether the drill's cluster is the embedded one.</summary>
    public required bool OnTwin { get; init; }

    /// <summary>Whether a step of the drill plants markers in volumes, which restore steps will want to read.</summary>
    public bool PlantsFiles { get; set; }

    /// <summary>The way back from the loss of the namespace; null when it was not deleted.</summary>
    public UndoRecord? Loss { get; set; }

    /// <summary>The ledger in the namespace that may be lost; null when the drill has none.</summary>
    public ConfigMapLedger? Ledger { get; set; }

    /// <summary>When the namespace was seen to be gone, by the clock; null when it was not deleted.</summary>
    public DateTimeOffset? LostAt { get; set; }
}

/// <summary>A backup to restore from.</summary>
/// <param name="Item">The Backup object at its end.</param>
/// <param name="Before">The markers that were planted before it; null when it was made by somebody else.</param>
/// <param name="After">The markers that were planted after it; null when it was made by somebody else.</param>
internal sealed record ChosenBackup(JsonObject Item, Markers? Before, Markers? After)
{
    private Task<VeleroFile>? _archive;

    public string Name => (string)Item["metadata"]!["name"]!;

    /// <summary>When Velero began it, by the server's clock; never the object's creation, which is later where it was synchronized from elsewhere.</summary>
    public DateTimeOffset? StartedAt => VeleroPhase.Time(Item, "startTimestamp");

    /// <summary>Says what is lost with a namespace that is restored from it: the time from its beginning until the namespace was gone.</summary>
    public void TellLoss(IActivityReport report, DateTimeOffset lostAt)
    {
        if (StartedAt is { } started)
        {
            // The server's clock has a resolution of a second.
            var lost = (lostAt - started).TotalSeconds;
            report.Figure(FigureNames.DataLoss, MeasureUnit.Seconds, lost, lost - 1, lost + 1);
        }
    }

    /// <summary>The backup's archive; fetched once, however many namespaces are verified against it.</summary>
    public Task<VeleroFile> ArchiveAsync(VeleroApi api, CancellationToken cancellationToken) => _archive ??= api.DownloadAsync("BackupContents", Name, cancellationToken);
}
