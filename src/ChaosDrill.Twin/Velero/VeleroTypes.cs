using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>The custom resources of Velero, as its definitions serve them: none has a status subresource.</summary>
internal sealed class VeleroTypes
{
    private static readonly string[] OldDownloads = ["BackupLog", "BackupContents", "BackupVolumeSnapshots", "BackupResourceList", "RestoreLog", "RestoreResults"];

    private static readonly string[] Downloads =
    [
        .. OldDownloads, "BackupItemOperations", "BackupResults", "RestoreResourceList", "RestoreItemOperations", "CSIBackupVolumeSnapshots",
        "CSIBackupVolumeSnapshotContents", "BackupVolumeInfos", "RestoreVolumeInfo",
    ];

    public VeleroTypes(bool old)
    {
        var known = old ? OldDownloads : Downloads;
        DownloadRequests = Named("downloadrequests", "DownloadRequest") with
        {
            Check = json => json.Obj("spec").Obj("target").Str("kind") is { } kind && known.Contains(kind) ? []
                : [FieldError.NotSupported("spec.target.kind", json.Obj("spec").Obj("target").Str("kind") ?? "", known)],
        };
        All = [Backups, Locations, DeleteRequests, DownloadRequests, VolumeRestores, Restores, Schedules, StatusRequests];
    }

    public ResourceType Backups { get; } = Named("backups", "Backup");

    public ResourceType Locations { get; } = Named("backupstoragelocations", "BackupStorageLocation") with { ShortNames = ["bsl"] };

    public ResourceType DeleteRequests { get; } = Named("deletebackuprequests", "DeleteBackupRequest") with { ShortNames = ["dbr"] };

    public ResourceType DownloadRequests { get; }

    public ResourceType VolumeRestores { get; } = Named("podvolumerestores", "PodVolumeRestore") with { ShortNames = ["pvr"] };

    public ResourceType Restores { get; } = Named("restores", "Restore");

    public ResourceType Schedules { get; } = Named("schedules", "Schedule");

    public ResourceType StatusRequests { get; } = Named("serverstatusrequests", "ServerStatusRequest") with { ShortNames = ["ssr"] };

    public ResourceType[] All { get; }

    private static ResourceType Named(string plural, string kind) => new()
    {
        Group = "velero.io", Version = "v1", Plural = plural, Singular = kind.ToLowerInvariant(), Kind = kind, CountsGenerations = true, Custom = true,
    };
}
