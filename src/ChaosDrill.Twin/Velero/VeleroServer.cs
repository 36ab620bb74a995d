using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Controllers;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>The Velero of the twin: answers each custom resource in its namespace as a real server does, with its delays and its traps.</summary>
internal sealed class VeleroServer : Controller
{
    public const string Home = "velero";

    private const string Bucket = "velero";
    private const string RestoreFinalizer = "restores.velero.io/external-resources-finalizer";

    private static readonly TimeSpan DownloadLifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ValidationPeriod = TimeSpan.FromMinutes(1);
    private static readonly string[] Terminal = ["Completed", "PartiallyFailed", "Failed", "FailedValidation"];

    private readonly Dictionary<string, VeleroBackup> archives = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Queue<Action> backups = new();
    private readonly Queue<Action> restores = new();

    public VeleroServer(ControlPlane plane)
        : base(plane)
    {
        Types = new VeleroTypes(IsOld);
        Array.ForEach(Types.All, plane.Catalog.Add);
    }

    public VeleroTypes Types { get; }

    /// <summary>Whether it is a server from before progress, finalizing phases and most downloads.</summary>
    public bool IsOld => Plane.Options.VeleroVersion.StartsWith("v1.3", StringComparison.Ordinal);

    public ObjectStorage Storage => Plane.Storage;

    public void Start()
    {
        Registry.Create(BuiltInTypes.Namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Home } });
        Registry.Create(Types.Locations, Home, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "default" },
            ["spec"] = new JsonObject { ["provider"] = Plane.Options.VeleroBucket is null ? "twin.chaosdrill.dev/memory" : "twin.chaosdrill.dev/folder", ["default"] = true, ["objectStorage"] = new JsonObject { ["bucket"] = Bucket } },
        });
        Registry.Create(BuiltInTypes.Deployments, Home, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Home, ["labels"] = new JsonObject { ["component"] = Home } },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 1L,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["deploy"] = Home } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["deploy"] = Home } },
                    ["spec"] = new JsonObject
                    {
                        ["containers"] = new JsonArray(new JsonObject { ["name"] = Home, ["image"] = $"velero/velero:{Plane.Options.VeleroVersion}", ["args"] = new JsonArray("server") }),
                    },
                },
            },
        });
        Synchronize();
        Watch();
    }

    /// <summary>Lets clients trust the addresses of downloads, where the twin is served over TLS.</summary>
    public void TrustAuthority(string pem)
    {
        foreach (var location in Store.List(Types.Locations, Home).ToList())
        {
            Registry.Change(location, json => json.Child("spec").Child("objectStorage")["caCert"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem)));
        }
    }

    public override void Notice(StoreChange change)
    {
        if (change.Kind != ChangeKind.Deleted && change.Object.Type.Group == "velero.io" && change.Object.Namespace == Home)
        {
            Enqueue(change.Object.Key);
        }
    }

    /// <summary>Whether a backup or a restore has come to its end.</summary>
    public static bool IsDone(StoredObject stored) => Terminal.Contains(stored.Status.Str("phase"));

    /// <summary>What a backup holds; one that came from elsewhere is read from the storage.</summary>
    public VeleroBackup? Archive(string backup) => archives.GetValueOrDefault(backup)
        ?? (Storage.Get($"{Bucket}/backups/{backup}/{backup}.tar.gz") is { } archive
            ? archives[backup] = VeleroBackup.Read(archive, Storage.GetGzip($"{Bucket}/backups/{backup}/{backup}-twin-volumes.json.gz"), Plane.Catalog) : null);

    public StoredObject? Location(StoredObject? backup) => Store.Find(Types.Locations, Home, backup?.Spec.Str("storageLocation") is { Length: > 0 } named ? named : "default");

    public static bool IsAvailable(StoredObject? location) => location is not null && location.Metadata.Obj("annotations").Str(TwinAnnotations.VeleroLocation) != "unavailable";

    /// <summary>Writes to the status of an object, if it is still the same one.</summary>
    public void SetStatus(StoredObject first, Action<JsonObject> change)
    {
        if (Store.Find(first.Key) is { } now && now.Uid == first.Uid)
        {
            Registry.Change(now, json => change(json.Child("status")));
        }
    }

    public void Keep(string backup, VeleroBackup archive) => archives[backup] = archive;

    /// <summary>Runs after a delay, when both the API server and this program are there.</summary>
    public void After(TimeSpan delay, Action action) => Plane.Loop.After(delay, () => WhenAble(action));

    public void BackupDone() => Next(backups);

    public void RestoreDone() => Next(restores);

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } stored)
        {
            return;
        }

        var fresh = stored.Status.Str("phase") is null or "" or "New";
        if (key.Type == Types.Locations)
        {
            Validate(stored);
        }
        else if (key.Type == Types.Restores && stored.IsDeleting)
        {
            Forget(stored);
        }
        else if (key.Type == Types.Schedules)
        {
            Plan(stored);
        }
        else if (fresh && !stored.IsDeleting && taken.Add(stored.Uid))
        {
            Take(stored);
        }
    }

    private void Take(StoredObject stored)
    {
        if (stored.Type == Types.Backups)
        {
            Line(backups, () => new BackupRun(this, Plane, stored).Begin());
        }
        else if (stored.Type == Types.Restores)
        {
            Line(restores, () => new RestoreRun(this, Plane, stored).Begin());
        }
        else if (stored.Type == Types.DownloadRequests)
        {
            Download(stored);
        }
        else if (stored.Type == Types.DeleteRequests)
        {
            DeleteBackup(stored);
        }
        else if (stored.Type == Types.StatusRequests)
        {
            SetStatus(stored, status =>
            {
                status["phase"] = "Processed";
                status["processedTimestamp"] = Plane.NowText;
                status["serverVersion"] = Plane.Options.VeleroVersion;
            });
        }
    }

    /// <summary>One at a time, in the order in which they came.</summary>
    private static void Line(Queue<Action> line, Action begin)
    {
        line.Enqueue(begin);
        if (line.Count == 1)
        {
            begin();
        }
    }

    private void Next(Queue<Action> line)
    {
        line.Dequeue();
        if (line.TryPeek(out var begin))
        {
            Plane.Loop.Post(() => WhenAble(begin));
        }
    }

    /// <summary>Looks at every location each minute.</summary>
    private void Watch() => After(ValidationPeriod, () =>
    {
        foreach (var location in Store.List(Types.Locations, Home).ToList())
        {
            Validate(location, again: true);
        }

        Synchronize();
        Watch();
    });

    /// <summary>Takes over backups that the storage holds and this cluster does not know, and drops those that it holds no more.</summary>
    private void Synchronize()
    {
        if (Plane.Options.VeleroBucket is null || !IsAvailable(Location(null)))
        {
            return;
        }

        var held = Storage.FoldersUnder($"{Bucket}/backups/");
        foreach (var name in held.Where(n => Store.Find(Types.Backups, Home, n) is null))
        {
            if (Storage.Get($"{Bucket}/backups/{name}/velero-backup.json") is { } text && JsonNode.Parse(text) is JsonObject backup)
            {
                Registry.Create(Types.Backups, Home, new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = backup.Meta()["labels"]?.DeepClone(), ["annotations"] = backup.Meta()["annotations"]?.DeepClone() },
                    ["spec"] = backup["spec"]?.DeepClone(),
                    ["status"] = backup["status"]?.DeepClone(),
                });
                if (DateTimeOffset.TryParse(backup.Obj("status").Str("expiration"), CultureInfo.InvariantCulture, out var until))
                {
                    After(until > Plane.Now ? until - Plane.Now : TimeSpan.Zero, () =>
                    {
                        if (Store.Find(Types.Backups, Home, name) is { } expired)
                        {
                            RemoveBackup(expired);
                        }
                    });
                }
            }
        }

        foreach (var gone in Store.List(Types.Backups, Home).Where(b => b.Status.Str("phase") == "Completed" && !held.Contains(b.Name)).ToList())
        {
            archives.Remove(gone.Name);
            Delete(gone);
        }
    }

    private void Validate(StoredObject location, bool again = false)
    {
        // An old server says only when it last synchronized.
        if (IsOld)
        {
            SetStatus(location, status => status["lastSyncedTime"] = again ? Plane.NowText : status["lastSyncedTime"]?.DeepClone() ?? Plane.NowText);
            return;
        }

        var phase = IsAvailable(location) ? "Available" : "Unavailable";
        if (!again && location.Status.Str("phase") == phase)
        {
            return;
        }

        SetStatus(location, status =>
        {
            status["phase"] = phase;
            status["lastValidationTime"] = Plane.NowText;
            status.Remove("message");
            if (phase == "Available")
            {
                status["lastSyncedTime"] = Plane.NowText;
            }
            else
            {
                status["message"] = "BackupStorageLocation \"default\" is unavailable: rpc error: code = Unknown desc = dial tcp: connect: connection refused";
            }
        });
    }

    private void Forget(StoredObject restore)
    {
        var backup = Store.Find(Types.Backups, Home, restore.Spec.Str("backupName") ?? "");
        if (!restore.Metadata.Arr("finalizers").Strings().Contains(RestoreFinalizer) || !IsAvailable(Location(backup)))
        {
            // Without its location the files cannot be deleted, and the object hangs.
            return;
        }

        Storage.DeleteFolder($"{Bucket}/restores/{restore.Name}/");
        Registry.Change(restore, json => json.Meta().Remove("finalizers"));
    }

    private void Plan(StoredObject schedule)
    {
        if (!taken.Add(schedule.Uid))
        {
            return;
        }

        CronSchedule times;
        try
        {
            times = CronSchedule.Parse(schedule.Spec.Str("schedule") ?? "");
        }
        catch (FormatException e)
        {
            SetStatus(schedule, status =>
            {
                status["phase"] = "FailedValidation";
                status["validationErrors"] = new JsonArray($"invalid schedule: {e.Message}");
            });
            return;
        }

        SetStatus(schedule, status => status["phase"] = "Enabled");
        Arm();

        void Arm()
        {
            if (times.After(Plane.Now) is { } next)
            {
                After(next - Plane.Now, Due);
            }
        }

        void Due()
        {
            if (Store.Find(schedule.Key) is not { IsDeleting: false } now || now.Uid != schedule.Uid)
            {
                return;
            }

            Arm();

            // A run is left out, not made up for, while one of the same schedule is under way.
            var busy = Store.List(Types.Backups, Home).Any(b => b.Labels.Str("velero.io/schedule-name") == now.Name && !IsDone(b));
            if (now.Spec.Bool("paused") == true || busy)
            {
                return;
            }

            Registry.Create(Types.Backups, Home, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = $"{now.Name}-{Plane.Now.UtcDateTime:yyyyMMddHHmmss}",
                    ["labels"] = new JsonObject { ["velero.io/schedule-name"] = now.Name },
                    ["annotations"] = now.Metadata["annotations"]?.DeepClone(),
                },
                ["spec"] = now.Spec?["template"]?.DeepClone(),
            });
            SetStatus(now, status => status["lastBackup"] = Plane.NowText);
        }
    }

    private void Download(StoredObject request)
    {
        var target = request.Spec.Obj("target");
        var name = target.Str("name") ?? "";
        var kind = target.Str("kind")!;
        var restore = Store.Find(Types.Restores, Home, name);
        var backup = Store.Find(Types.Backups, Home, kind.StartsWith("Restore", StringComparison.Ordinal) ? restore?.Spec.Str("backupName") ?? "" : name);
        var folder = kind.StartsWith("Restore", StringComparison.Ordinal) ? $"{Bucket}/restores/{name}/" : $"{Bucket}/backups/{name}/";
        if (backup is null)
        {
            // Nothing is said of what does not exist: the request stays New until it expires.
            After(DownloadLifetime, () => Delete(request));
            return;
        }

        var file = kind switch
        {
            "BackupContents" => $"{name}.tar.gz",
            "BackupLog" => $"{name}-logs.gz",
            "BackupResults" => $"{name}-results.gz",
            "BackupResourceList" => $"{name}-resource-list.json.gz",
            "BackupVolumeInfos" => $"{name}-volumeinfo.json.gz",
            "RestoreLog" => $"restore-{name}-logs.gz",
            "RestoreResults" => $"restore-{name}-results.gz",
            "RestoreResourceList" => $"restore-{name}-resource-list.json.gz",
            "RestoreVolumeInfo" => $"{name}-volumeinfo.json.gz",
            _ => $"{name}-{kind}.json.gz",
        };
        var orders = VeleroOrders.Of(kind.StartsWith("Restore", StringComparison.Ordinal) ? TwinAnnotations.VeleroRestore : TwinAnnotations.VeleroBackup, restore, backup, Location(backup));
        if (orders.Has("download-404"))
        {
            file += ".missing";
        }

        var until = Plane.Now + DownloadLifetime;
        SetStatus(request, status =>
        {
            status["phase"] = "Processed";
            status["downloadURL"] = Storage.Sign(folder + file, until).AbsoluteUri;
            status["expiration"] = Timestamps.Seconds(until);
        });
        After(DownloadLifetime, () => Delete(request));
    }

    private void DeleteBackup(StoredObject request)
    {
        var name = request.Spec.Str("backupName") ?? "";
        var backup = Store.Find(Types.Backups, Home, name);
        var wrong = backup is null ? "backup not found" : IsAvailable(Location(backup)) ? null : "backup storage location is unavailable";
        SetStatus(request, status =>
        {
            status["phase"] = "Processed";
            if (wrong is not null)
            {
                status["errors"] = new JsonArray(wrong);
            }
        });
        if (wrong is null)
        {
            RemoveBackup(backup!);
            Delete(request);
        }
    }

    /// <summary>Deletes a backup with its files and the restores that were made of it.</summary>
    public void RemoveBackup(StoredObject backup)
    {
        foreach (var restore in Store.List(Types.Restores, Home).Where(r => r.Spec.Str("backupName") == backup.Name).ToList())
        {
            Registry.Delete(restore, null);
        }

        archives.Remove(backup.Name);
        Storage.DeleteFolder($"{Bucket}/backups/{backup.Name}/");
        Delete(backup);
    }

    private void Delete(StoredObject stored)
    {
        if (Store.Find(stored.Key) is { } now && now.Uid == stored.Uid)
        {
            Registry.Delete(now, null);
        }
    }

    public static string FolderOf(StoredObject run) => $"{Bucket}/{run.Type.Plural}/{run.Name}/";

    public static string Finalizer => RestoreFinalizer;
}
