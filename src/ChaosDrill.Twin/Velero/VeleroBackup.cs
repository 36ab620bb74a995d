using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>One object in a backup, as it was when it was read.</summary>
internal sealed record BackedUpItem(ResourceType Type, string Namespace, string Name, JsonObject Json)
{
    public string Path => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}

/// <summary>The data of one claim's volume in a backup.</summary>
/// <param name="Namespace">The claim's namespace.</param>
/// <param name="Claim">The claim's name.</param>
/// <param name="Volume">The volume that was bound to it.</param>
/// <param name="Method"><c>PodVolumeBackup</c>, <c>CSISnapshot</c>, or nothing for a volume that was left out.</param>
/// <param name="Data">What was on the disk; null when it was left out or empty.</param>
/// <param name="Skipped">Why it was left out.</param>
/// <param name="At">When it was read.</param>
internal sealed record BackedUpVolume(string Namespace, string Claim, string Volume, string Method, string? Data, string? Skipped, DateTimeOffset At);

/// <summary>What a backup holds.</summary>
internal sealed record VeleroBackup(IReadOnlyList<BackedUpItem> Items, IReadOnlyList<BackedUpVolume> Volumes)
{
    /// <summary>The archive, laid out as Velero does.</summary>
    /// <param name="old">Before 1.5 there was one copy of each object, without its version in the path.</param>
    public byte[] Archive(bool old)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Pax))
        {
            Add("metadata/version", Encoding.ASCII.GetBytes(old ? "1\n" : "1.1.0\n"));
            foreach (var item in Items)
            {
                var scope = item.Namespace.Length == 0 ? "cluster" : $"namespaces/{item.Namespace}";
                var content = StoredObject.Serialize(item.Json);
                Add($"resources/{item.Type.QualifiedPlural}/{scope}/{item.Name}.json", content);
                if (!old)
                {
                    Add($"resources/{item.Type.QualifiedPlural}/{item.Type.Version}-preferredversion/{scope}/{item.Name}.json", content);
                }
            }

            void Add(string path, byte[] content) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path)
            {
                DataStream = new MemoryStream(content), ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }

        return packed.ToArray();
    }

    /// <summary>Reads what <see cref="Archive"/> and <see cref="VolumeData"/> wrote; kinds that this cluster does not know are left out.</summary>
    public static VeleroBackup Read(byte[] archive, byte[]? volumes, ResourceCatalog catalog)
    {
        var items = new Dictionary<(string, string, string), BackedUpItem>();
        using var gzip = new GZipStream(new MemoryStream(archive), CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.DataStream is not null && entry.Name.StartsWith("resources/", StringComparison.Ordinal) && JsonNode.Parse(entry.DataStream) is JsonObject json
                && catalog.ByKind(json.Str("apiVersion") ?? "", json.Str("kind") ?? "") is { } type)
            {
                var item = new BackedUpItem(type, json.Meta().Str("namespace") ?? "", json.Meta().Str("name")!, json);
                items.TryAdd((type.QualifiedPlural, item.Namespace, item.Name), item);
            }
        }

        return new VeleroBackup(
            [.. items.Values],
            [.. (volumes is null ? null : JsonNode.Parse(volumes) as JsonArray).Objects().Select(v => new BackedUpVolume(
                v.Str("namespace")!, v.Str("claim")!, v.Str("volume")!, v.Str("method")!, v.Str("data"), v.Str("skipped"), DateTimeOffset.Parse(v.Str("at")!, System.Globalization.CultureInfo.InvariantCulture)))]);
    }

    /// <summary>What snapshots and repositories would hold.</summary>
    public JsonArray VolumeData() => JsonReading.ToArray(Volumes.Select(v => (JsonNode)new JsonObject
    {
        ["namespace"] = v.Namespace, ["claim"] = v.Claim, ["volume"] = v.Volume, ["method"] = v.Method, ["data"] = v.Data, ["skipped"] = v.Skipped, ["at"] = Timestamps.Seconds(v.At),
    }));

    public JsonObject ResourceList() => ListOf(Items.Select(i => (i.Type, i.Path)));

    public static JsonObject ListOf(IEnumerable<(ResourceType Type, string Text)> entries)
    {
        var list = new JsonObject();
        foreach (var group in entries.GroupBy(e => $"{e.Type.ApiVersion}/{e.Type.Kind}").OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            list[group.Key] = JsonReading.ToArray(group.Select(e => (JsonNode)e.Text).OrderBy(n => n.ToString(), StringComparer.Ordinal));
        }

        return list;
    }

    public JsonArray VolumeInfos() => JsonReading.ToArray(Volumes.Select(v =>
    {
        var info = new JsonObject
        {
            ["pvcName"] = v.Claim, ["pvcNamespace"] = v.Namespace, ["pvName"] = v.Volume, ["snapshotDataMoved"] = false, ["preserveLocalSnapshot"] = false,
            ["skipped"] = v.Skipped is not null, ["startTimestamp"] = Timestamps.Seconds(v.At),
        };
        if (v.Skipped is not null)
        {
            info["skippedReason"] = v.Skipped;
        }
        else
        {
            info["backupMethod"] = v.Method;
            info["completionTimestamp"] = Timestamps.Seconds(v.At);
            info["result"] = "succeeded";
        }

        return (JsonNode)info;
    }));
}
