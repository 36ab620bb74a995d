using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>One restore from New to its end.</summary>
internal sealed class RestoreRun(VeleroServer server, ControlPlane plane, StoredObject restore)
{
    private const int Batch = 10;

    private static readonly TimeSpan Start = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan EachItem = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Prepare = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Finalize = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan VolumeData = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TerminatingLimit = TimeSpan.FromMinutes(10);

    private readonly RestoreResults results = new();
    private readonly List<(ResourceType Type, string Text)> list = [];
    private readonly List<JsonNode?> volumeInfo = [];
    private readonly Dictionary<string, string> mapping = [];
    private VeleroOrders orders = VeleroOrders.Of(TwinAnnotations.VeleroRestore, restore);
    private VeleroBackup source = new([], []);
    private JsonObject modifiers = [];
    private List<BackedUpItem> items = [];
    private JsonObject spec = [];
    private int volumesLeft;
    private int done;
    private long reported;

    public void Begin() => server.After(Start, () =>
    {
        if (plane.Store.Find(restore.Key) is not { IsDeleting: false } now || now.Uid != restore.Uid)
        {
            server.RestoreDone();
            return;
        }

        spec = now.Spec?.Copy() ?? [];
        var name = BackupName();
        var backup = plane.Store.Find(server.Types.Backups, VeleroServer.Home, name ?? "");
        orders = VeleroOrders.Of(TwinAnnotations.VeleroRestore, restore, backup, server.Location(backup));
        var wrong = Wrong(name, backup);
        plane.Registry.Change(now, json =>
        {
            var own = json.Child("spec");
            own["excludedResources"] = JsonReading.ToArray(spec.Arr("excludedResources").Strings().Concat(server.IsOld ? RestoredItem.NonRestorable.Take(6) : RestoredItem.NonRestorable).Distinct().Select(r => (JsonNode)r));
            own["backupName"] = name;
            var status = json.Child("status");
            if (wrong is not null)
            {
                status["phase"] = "FailedValidation";
                status["validationErrors"] = new JsonArray(wrong);
                return;
            }

            status["phase"] = "InProgress";
            if (!server.IsOld)
            {
                json.Meta()["finalizers"] = new JsonArray(VeleroServer.Finalizer);
                own.Default("itemOperationTimeout", "4h0m0s");
                status["startTimestamp"] = plane.NowText;
            }
        });
        if (wrong is not null)
        {
            server.RestoreDone();
            return;
        }

        spec = plane.Store.Find(restore.Key)!.Spec!.Copy();
        source = server.Archive(name!) ?? new VeleroBackup([], []);
        foreach (var (from, to) in spec.Obj("namespaceMapping") ?? [])
        {
            mapping[from] = orders.Value("wrong-namespace") ?? to.AsStr() ?? from;
        }

        server.After(Prepare + orders.Time("slow"), Select);
    });

    private string? BackupName()
    {
        if (spec.Str("backupName") is { Length: > 0 } named)
        {
            return named;
        }

        return spec.Str("scheduleName") is not { Length: > 0 } schedule ? null
            : plane.Store.List(server.Types.Backups, VeleroServer.Home).Where(b => b.Labels.Str("velero.io/schedule-name") == schedule && b.Status.Str("phase") == "Completed")
                .OrderByDescending(b => b.Status.Str("startTimestamp"), StringComparer.Ordinal).FirstOrDefault()?.Name;
    }

    private string? Wrong(string? name, StoredObject? backup) => orders.Has("failed-validation") ? "namespace includes/excludes are not valid"
        : spec.Str("backupName") is { Length: > 0 } == spec.Str("scheduleName") is { Length: > 0 } ? "Either a backup or schedule must be specified as a source for the restore, but not both"
        : backup is null ? $"Error retrieving backup: backup.velero.io \"{name}\" not found"
        : !VeleroServer.IsAvailable(server.Location(backup)) ? $"The BSL {server.Location(backup)?.Name} is unavailable, cannot retrieve the backup"
        : null;

    private void Select()
    {
        var selection = new VeleroSelection(spec);
        items = [.. RestoredItem.InOrder(source.Items.Where(i => selection.Takes(i) && i.Type != BuiltInTypes.Namespaces && i.Type != BuiltInTypes.PersistentVolumes))];
        if (orders.Has("empty"))
        {
            items.Clear();
        }

        if (items.Count == 0)
        {
            results.Warn(null, "the restore has nothing to restore: no item of the backup matches");
        }

        if (spec.Obj("resourceModifier").Str("name") is { } map && plane.Store.Find(BuiltInTypes.ConfigMaps, VeleroServer.Home, map) is { } stored &&
            stored.Json.Obj("data")?.FirstOrDefault().Value.AsStr() is { } yaml && YamlText.Documents(yaml) is [({ } first, _), ..] && first is JsonObject rules)
        {
            modifiers = rules;
        }

        WaitForNamespaces([.. items.Select(i => Target(i.Namespace)).Distinct()], plane.Now);
    }

    private string Target(string ns) => mapping.GetValueOrDefault(ns, ns);

    /// <summary>A namespace that is going is waited for; then it is made, as the backup has it.</summary>
    private void WaitForNamespaces(List<string> wanted, DateTimeOffset since)
    {
        if (wanted.Any(ns => plane.Store.Find(BuiltInTypes.Namespaces, "", ns) is { IsDeleting: true }))
        {
            if (plane.Now - since < TerminatingLimit)
            {
                server.After(TimeSpan.FromSeconds(1), () => WaitForNamespaces(wanted, since));
                return;
            }

            wanted.ForEach(ns => results.Fail(ns, $"timed out waiting for terminating namespace {ns} to disappear before restoring"));
            items.Clear();
        }
        else
        {
            foreach (var ns in wanted.Where(ns => plane.Store.Find(BuiltInTypes.Namespaces, "", ns) is null))
            {
                var original = source.Items.FirstOrDefault(i => i.Type == BuiltInTypes.Namespaces && Target(i.Name) == ns)?.Json.Obj("metadata");
                var labels = original.Obj("labels")?.Copy() ?? [];
                labels.Remove("kubernetes.io/metadata.name");
                plane.Registry.Create(BuiltInTypes.Namespaces, "", new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = ns, ["labels"] = labels, ["annotations"] = original?["annotations"]?.DeepClone() },
                });
            }
        }

        server.After(EachItem, Continue);
    }

    private void Continue()
    {
        for (var end = Math.Min(items.Count, done + Batch); done < end; done++)
        {
            One(items[done]);
        }

        if (orders.Has("server-restart"))
        {
            server.After(Restart, () => End("Failed", "found a restore with status \"InProgress\" during the server starting, mark it as \"Failed\""));
            return;
        }

        if (!server.IsOld && (plane.Now.ToUnixTimeSeconds() > reported || done == items.Count))
        {
            reported = plane.Now.ToUnixTimeSeconds();
            server.SetStatus(restore, status => status["progress"] = new JsonObject { ["totalItems"] = (long)items.Count, ["itemsRestored"] = (long)done });
        }

        server.After(done < items.Count ? EachItem * Batch : EachItem, done < items.Count ? Continue : WaitForVolumes);
    }

    private void One(BackedUpItem item)
    {
        var ns = Target(item.Namespace);
        var where = $"{ns}/{item.Name}";
        if (RestoredItem.Skip(item) is not null || orders.Names("drop-object", item.Type, item.Name))
        {
            list.Add((item.Type, $"{where}(skipped)"));
            return;
        }

        var json = RestoredItem.Prepare(item, ns, mapping, spec.Bool("preserveNodePorts") == true);
        ResourceModifiers.Apply(modifiers, item, json);
        if (orders.Names("alter-object", item.Type, item.Name))
        {
            Alter(json);
        }

        var labels = json.Meta().Child("labels");
        labels["velero.io/backup-name"] = RestoredItem.LabelValue(spec.Str("backupName") ?? "");
        labels["velero.io/restore-name"] = RestoredItem.LabelValue(restore.Name);
        try
        {
            if (orders.Names("partially-failed", item.Type, item.Name))
            {
                throw Failure.Of(500, "InternalError", $"Internal error occurred: failed calling webhook \"check.{item.Type.Group}\": connection refused");
            }

            if (plane.Store.Find(item.Type, ns, item.Name) is { } there)
            {
                Meet(item, there, json, where);
                return;
            }

            plane.Registry.Create(item.Type, ns, json);
            list.Add((item.Type, $"{where}(created)"));
            if (item.Type == BuiltInTypes.PersistentVolumeClaims)
            {
                RestoreVolume(item, ns);
            }
        }
        catch (ApiException refused)
        {
            results.Fail(ns, $"error restoring {item.Type.QualifiedPlural}/{where}: {refused.Message}");
            list.Add((item.Type, $"{where}(failed)"));
        }
    }

    /// <summary>What is there already is left alone, unless the policy says update; that it differs is only a warning.</summary>
    private void Meet(BackedUpItem item, StoredObject there, JsonObject json, string where)
    {
        var current = RestoredItem.Prepare(item with { Json = there.Json.Copy() }, there.Namespace, mapping, keepNodePorts: true);
        var wanted = json.Copy();
        foreach (var either in (JsonObject[])[current, wanted])
        {
            either.Meta().Obj("labels")?.Remove("velero.io/backup-name");
            either.Meta().Obj("labels")?.Remove("velero.io/restore-name");
            if (either.Meta().Obj("labels") is { Count: 0 })
            {
                either.Meta().Remove("labels");
            }
        }

        if (JsonNode.DeepEquals(current, wanted))
        {
            list.Add((item.Type, $"{where}(skipped)"));
        }
        else if (spec.Str("existingResourcePolicy") == "update" || item.Type == BuiltInTypes.ServiceAccounts)
        {
            plane.Registry.Update(there, MergePatch.Apply(there.Json, json));
            list.Add((item.Type, $"{where}(updated)"));
        }
        else
        {
            results.Warn(there.Namespace, $"could not restore, {item.Type.Kind}:{item.Name} already exists. Warning: the in-cluster version is different than the backed-up version");
            list.Add((item.Type, $"{where}(failed)"));
        }
    }

    private void RestoreVolume(BackedUpItem claim, string ns)
    {
        var saved = source.Volumes.FirstOrDefault(v => v.Namespace == claim.Namespace && v.Claim == claim.Name);
        if (saved is null || saved.Skipped is not null || spec.Bool("restorePVs") == false || orders.Has("skip-volumes"))
        {
            return;
        }

        volumeInfo.Add(new JsonObject
        {
            ["pvcName"] = claim.Name, ["pvcNamespace"] = ns, ["restoreMethod"] = saved.Method == "CSISnapshot" ? "CSISnapshot" : "PodVolumeRestore", ["snapshotDataMoved"] = false,
        });
        var late = orders.Time("late-volumes");
        if (late == TimeSpan.Zero)
        {
            volumesLeft++;
        }

        StoredObject? move = null;
        if (saved.Method == "PodVolumeBackup" && !server.IsOld)
        {
            move = plane.Registry.Create(server.Types.VolumeRestores, VeleroServer.Home, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["generateName"] = $"{restore.Name}-",
                    ["labels"] = new JsonObject { ["velero.io/restore-name"] = RestoredItem.LabelValue(restore.Name), ["velero.io/restore-uid"] = restore.Uid },
                    ["ownerReferences"] = new JsonArray(Controllers.Owners.Reference(restore)),
                },
                ["spec"] = new JsonObject { ["pod"] = new JsonObject { ["namespace"] = ns }, ["volume"] = claim.Name, ["sourceNamespace"] = claim.Namespace, ["uploaderType"] = "kopia" },
                ["status"] = new JsonObject { ["phase"] = "InProgress", ["startTimestamp"] = plane.NowText },
            });
        }

        server.After(VolumeData + late, () =>
        {
            if (plane.Store.Find(BuiltInTypes.PersistentVolumeClaims, ns, claim.Name)?.Spec.Str("volumeName") is { } name && plane.Store.Find(BuiltInTypes.PersistentVolumes, "", name) is { } volume)
            {
                plane.Registry.Change(volume, json =>
                {
                    // A disk may come back empty, or with other bytes, and nothing says so.
                    if (saved.Data is not null && orders.Value("lose-bytes") != claim.Name)
                    {
                        json.Meta().Child("annotations")[TwinAnnotations.VolumeData] = Bytes(claim, saved.Data);
                    }
                });
            }

            if (move is not null)
            {
                server.SetStatus(move, status =>
                {
                    status["phase"] = "Completed";
                    status["completionTimestamp"] = plane.NowText;
                });
            }

            volumesLeft -= late == TimeSpan.Zero ? 1 : 0;
        });
    }

    private void WaitForVolumes()
    {
        if (volumesLeft > 0)
        {
            server.After(TimeSpan.FromMilliseconds(100), WaitForVolumes);
            return;
        }

        if (orders.Has("partially-failed") && results.Errors == 0)
        {
            results.Fail(null, "error executing PVAction for persistentvolumes: rpc error: code = Unknown desc = the server could not be reached");
        }

        var last = results.Errors > 0 ? "PartiallyFailed" : "Completed";
        if (server.IsOld)
        {
            End(last);
            return;
        }

        server.SetStatus(restore, status => status["phase"] = results.Errors > 0 ? "FinalizingPartiallyFailed" : "Finalizing");
        server.After(Finalize, () => End(last));
    }

    private void End(string phase, string? reason = null)
    {
        var folder = VeleroServer.FolderOf(restore);
        server.Storage.PutGzip($"{folder}restore-{restore.Name}-logs.gz", Encoding.UTF8.GetBytes($"time=\"{plane.NowText}\" level=info msg=\"restore completed\" restore=velero/{restore.Name}\n"));
        server.Storage.PutGzip($"{folder}restore-{restore.Name}-results.gz", results.Json());
        if (!server.IsOld)
        {
            server.Storage.PutGzip($"{folder}restore-{restore.Name}-resource-list.json.gz", VeleroBackup.ListOf(list));
            server.Storage.PutGzip($"{folder}{restore.Name}-volumeinfo.json.gz", JsonReading.ToArray(volumeInfo));
        }

        server.SetStatus(restore, status =>
        {
            status["phase"] = phase;
            status.SetCount("errors", results.Errors);
            status.SetCount("warnings", results.Warnings);
            if (!server.IsOld)
            {
                status["completionTimestamp"] = plane.NowText;
            }

            if (reason is not null)
            {
                status["failureReason"] = reason;
            }
        });
        server.RestoreDone();
    }

    /// <summary>What the disk of a claim comes back with.</summary>
    private string Bytes(BackedUpItem claim, string saved) =>
        orders.Value("alter-bytes") == claim.Name ? string.Join('\n', saved.Split('\n').Select(file => file + "!"))
        : orders.Value("live-bytes") == claim.Name ? Containers.Disk.Of(plane, claim.Namespace, claim.Name)?.Text ?? saved
        : saved;

    /// <summary>Changes one value, as something behind Velero's back might.</summary>
    private static void Alter(JsonObject json)
    {
        if (json.Obj("data") is { Count: > 0 } data)
        {
            var key = data.First().Key;
            data[key] = json.Str("kind") == "Secret" ? Convert.ToBase64String("altered"u8) : "altered";
        }
        else if (json.Obj("spec").Int("replicas") is { } replicas)
        {
            json.Child("spec")["replicas"] = replicas + 1;
        }
        else if (json.Obj("spec").Arr("ports").Objects().FirstOrDefault() is { } port)
        {
            port["port"] = (port.Int("port") ?? 0) + 1;
        }
        else
        {
            json.Meta().Child("annotations")["altered"] = "true";
        }
    }
}
