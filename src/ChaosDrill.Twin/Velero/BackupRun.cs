using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>One backup from New to its end.</summary>
internal sealed class BackupRun(VeleroServer server, ControlPlane plane, StoredObject backup)
{
    private static readonly TimeSpan Start = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan EachItem = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Upload = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Snapshots = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Report = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(3);

    private readonly VeleroOrders orders = VeleroOrders.Of(TwinAnnotations.VeleroBackup, backup, server.Location(backup));
    private readonly List<string> errors = [];
    private readonly List<string> warnings = [];
    private VeleroBackup content = new([], []);

    public void Begin() => server.After(Start + orders.Time("start-after"), () =>
    {
        if (plane.Store.Find(backup.Key) is not { } now || now.Uid != backup.Uid)
        {
            server.BackupDone();
            return;
        }

        if (Wrong() is { } wrong)
        {
            server.SetStatus(backup, status =>
            {
                status["phase"] = "FailedValidation";
                status["validationErrors"] = new JsonArray(wrong);
            });
            server.BackupDone();
            return;
        }

        // A backup that came here from elsewhere is older than its object.
        var started = plane.Now - orders.Time("age");
        var lifetime = GoDuration.TryParse(backup.Spec.Str("ttl"), out var ttl) && ttl > TimeSpan.Zero ? ttl : TimeSpan.FromHours(720);
        plane.Registry.Change(now, json =>
        {
            json.Meta().Child("labels")["velero.io/storage-location"] = server.Location(backup)!.Name;
            json.Meta().Child("annotations")["velero.io/source-cluster-k8s-gitversion"] = "v1.36.2";
            var spec = json.Child("spec");
            spec.Default("storageLocation", server.Location(backup)!.Name);
            spec.Default("ttl", "720h0m0s");
            var status = json.Child("status");
            status["version"] = 1L;
            status["formatVersion"] = "1.1.0";
            status["phase"] = "InProgress";
            status["startTimestamp"] = Timestamps.Seconds(started);
            status["expiration"] = Timestamps.Seconds(started + lifetime);
            if (server.IsOld)
            {
                status.Remove("formatVersion");
            }
        });
        if (orders.Has("server-restart"))
        {
            server.After(Report + Restart, () => End("Failed", "found a backup with status \"InProgress\" during the server starting, mark it as \"Failed\""));
            return;
        }

        content = Read(started);
        if (started + lifetime > plane.Now)
        {
            server.After(started + lifetime - plane.Now, Expire);
        }

        Go(content.Items.Count * EachItem + Upload + orders.Time("slow"), content.Items.Count);
    });

    private string? Wrong()
    {
        if (orders.Has("failed-validation"))
        {
            return "Invalid included/excluded resource lists: excludes list cannot contain an item in the includes list: pods";
        }

        var location = server.Location(backup);
        return location is null ? $"an existing backup storage location wasn't specified at backup creation time and the default '{backup.Spec.Str("storageLocation")}' wasn't found"
            : VeleroServer.IsAvailable(location) ? null : $"backup can't be created because BackupStorageLocation {location.Name} is in Unavailable status with the reason";
    }

    private void Go(TimeSpan left, int total)
    {
        var step = left < Report ? left : Report;
        server.After(step, () =>
        {
            left -= step;
            if (left > TimeSpan.Zero)
            {
                if (!server.IsOld)
                {
                    var done = Math.Max(0, total - (int)(left / EachItem));
                    server.SetStatus(backup, status => status["progress"] = new JsonObject { ["totalItems"] = (long)total, ["itemsBackedUp"] = (long)done });
                }

                Go(left, total);
                return;
            }

            Complete(total);
        });
    }

    private void Complete(int total)
    {
        server.SetStatus(backup, status =>
        {
            if (!server.IsOld)
            {
                status["progress"] = new JsonObject { ["totalItems"] = (long)total, ["itemsBackedUp"] = (long)total };
            }
        });
        var last = errors.Count > 0 ? "PartiallyFailed" : "Completed";
        if (server.IsOld)
        {
            End(last);
            return;
        }

        var snapshots = content.Volumes.Count(v => v.Method == "CSISnapshot");
        var failing = errors.Count > 0 ? "PartiallyFailed" : "";
        if (snapshots > 0)
        {
            server.SetStatus(backup, status =>
            {
                status["phase"] = "WaitingForPluginOperations" + failing;
                status["csiVolumeSnapshotsAttempted"] = (long)snapshots;
                status["backupItemOperationsAttempted"] = (long)snapshots;
            });
        }

        server.After(snapshots > 0 ? Snapshots : TimeSpan.Zero, () =>
        {
            server.SetStatus(backup, status =>
            {
                status["phase"] = "Finalizing" + failing;
                status.SetCount("csiVolumeSnapshotsCompleted", snapshots);
                status.SetCount("backupItemOperationsCompleted", snapshots);
            });
            server.After(Upload, () => End(last));
        });
    }

    private void End(string phase, string? reason = null)
    {
        if (phase is "Completed" or "PartiallyFailed")
        {
            Store();
        }

        server.SetStatus(backup, status =>
        {
            status["phase"] = phase;
            status["completionTimestamp"] = plane.NowText;
            status.SetCount("errors", errors.Count);
            status.SetCount("warnings", warnings.Count);
            if (reason is not null)
            {
                status["failureReason"] = reason;
            }
        });
        if (phase is "Completed" or "PartiallyFailed" && plane.Store.Find(backup.Key) is { } ended && ended.Uid == backup.Uid)
        {
            server.Storage.Put($"{VeleroServer.FolderOf(backup)}velero-backup.json", StoredObject.Serialize(ended.Json));
        }

        server.BackupDone();
    }

    private void Store()
    {
        // Storage that hands out something else than was put there.
        var kept = orders.Value("content-of") is { } other && server.Archive(other) is { } stale ? stale : content;
        server.Keep(backup.Name, kept);
        var folder = VeleroServer.FolderOf(backup);
        var storage = server.Storage;
        storage.Put($"{folder}{backup.Name}.tar.gz", kept.Archive(server.IsOld));
        storage.PutGzip($"{folder}{backup.Name}-twin-volumes.json.gz", kept.VolumeData());
        storage.PutGzip($"{folder}{backup.Name}-resource-list.json.gz", kept.ResourceList());
        storage.PutGzip($"{folder}{backup.Name}-logs.gz", Encoding.UTF8.GetBytes($"time=\"{plane.NowText}\" level=info msg=\"Backed up a total of {kept.Items.Count} items\" backup=velero/{backup.Name}\n"));
        if (!server.IsOld)
        {
            storage.PutGzip($"{folder}{backup.Name}-volumeinfo.json.gz", kept.VolumeInfos());
            storage.PutGzip($"{folder}{backup.Name}-results.gz", RestoreResults.Of(warnings, errors));
        }
    }

    private void Expire()
    {
        if (plane.Store.Find(backup.Key) is { } now && now.Uid == backup.Uid)
        {
            server.RemoveBackup(now);
        }
    }

    private VeleroBackup Read(DateTimeOffset at)
    {
        var selection = new VeleroSelection(backup.Spec);
        var items = new List<BackedUpItem>();
        foreach (var type in plane.Catalog.Types.Where(t => t is { Namespaced: true, Virtual: false } && selection.Takes(t)))
        {
            items.AddRange(plane.Store.List(type).Where(o => selection.Takes(o.Namespace) && selection.Takes(o.Labels)).Select(Item));
        }

        if (orders.Has("empty"))
        {
            items.Clear();
        }

        items.RemoveAll(i => orders.Names("drop-object", i.Type, i.Name));
        foreach (var broken in items.Where(i => orders.Names("partially-failed", i.Type, i.Name)).ToList())
        {
            items.Remove(broken);
        }

        if (orders.Has("partially-failed"))
        {
            errors.Add($"error backing up {orders.Value("partially-failed")}: rpc error: code = Unknown desc = the server could not be reached");
        }

        if (items.Count == 0)
        {
            warnings.Add("the selection matched nothing");
        }

        foreach (var ns in items.Select(i => i.Namespace).Distinct().ToList())
        {
            if (plane.Store.Find(BuiltInTypes.Namespaces, "", ns) is { } home)
            {
                items.Add(Item(home));
            }
        }

        var volumes = items.Where(i => i.Type == BuiltInTypes.PersistentVolumeClaims).Select(claim => Volume(claim, items, at)).ToList();
        if (selection.ClusterResources != false)
        {
            items.AddRange(volumes.Select(v => plane.Store.Find(BuiltInTypes.PersistentVolumes, "", v.Volume)).OfType<StoredObject>().Select(v =>
            {
                var item = Item(v);
                item.Json.Meta().Obj("annotations")?.Remove(TwinAnnotations.VolumeData);
                return item;
            }));
        }

        return new VeleroBackup(items, volumes);
    }

    private BackedUpVolume Volume(BackedUpItem claim, List<BackedUpItem> items, DateTimeOffset at)
    {
        var volume = claim.Json.Obj("spec").Str("volumeName") ?? "";
        var data = plane.Store.Find(BuiltInTypes.PersistentVolumes, "", volume)?.Metadata.Obj("annotations").Str(TwinAnnotations.VolumeData);
        var byFiles = backup.Spec.Bool("defaultVolumesToFsBackup") == true || items.Any(i => i.Type == BuiltInTypes.Pods && AsksForFiles(i.Json, claim));
        var method = byFiles ? "PodVolumeBackup" : backup.Spec.Bool("snapshotVolumes") != false ? "CSISnapshot" : "";
        var skipped = orders.Has("skip-volumes") ? "skipped due to volume policy" : method.Length == 0 ? "neither a snapshot nor a file-system backup was asked for" : null;
        return new BackedUpVolume(claim.Namespace, claim.Name, volume, skipped is null ? method : "", skipped is null ? data : null, skipped, at);
    }

    /// <summary>Whether a pod's annotation asks for the files of this claim.</summary>
    private static bool AsksForFiles(JsonObject pod, BackedUpItem claim)
    {
        var named = (pod.Meta().Obj("annotations").Str("backup.velero.io/backup-volumes") ?? "").Split(',');
        return pod.Meta().Str("namespace") == claim.Namespace &&
            pod.Obj("spec").Arr("volumes").Objects().Any(v => v.Obj("persistentVolumeClaim").Str("claimName") == claim.Name && named.Contains(v.Str("name")));
    }

    private static BackedUpItem Item(StoredObject stored) => new(stored.Type, stored.Namespace, stored.Name, stored.Json.Copy());
}
