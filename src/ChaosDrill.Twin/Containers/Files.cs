using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Containers;

/// <summary>The files of a container: its host name, and the config maps, secrets and volumes that are mounted.</summary>
internal static class Files
{
    /// <summary>What a file holds now; null when there is none.</summary>
    public static ReadOnlyMemory<byte>? Read(Process process, string path) => path == "/etc/hostname"
        ? Encoding.UTF8.GetBytes(process.Pod.Name + "\n")
        : process.Plane.Loop.Run(() => Mounted(process, path));

    /// <summary>Writes a file of a claim's volume, or with null removes it.</summary>
    /// <returns>Whether that could be done: everything else is read-only.</returns>
    public static bool Write(Process process, string path, string? content) => process.Plane.Loop.Run(() =>
    {
        foreach (var (file, volume) in Mounts(process, path))
        {
            if (DiskOf(process, volume) is { } disk)
            {
                if (content is null)
                {
                    disk.Remove(file);
                }
                else
                {
                    disk.Write(file, content);
                }

                return true;
            }
        }

        return false;
    });

    private static Disk? DiskOf(Process process, JsonObject volume) =>
        volume.Obj("persistentVolumeClaim").Str("claimName") is { } claim ? Disk.Of(process.Plane, process.Pod.Namespace, claim) : null;

    /// <summary>Where a path leads: the volumes that are mounted there, and the name of the file in each.</summary>
    private static IEnumerable<(string File, JsonObject Volume)> Mounts(Process process, string path)
    {
        foreach (var mount in process.Spec.Arr("volumeMounts").Objects())
        {
            var root = (mount.Str("mountPath") ?? "").TrimEnd('/');
            var file = mount.Str("subPath") is { Length: > 0 } only ? (path == root ? only : null)
                : path.StartsWith(root + "/", StringComparison.Ordinal) ? path[(root.Length + 1)..] : null;
            var volume = process.Pod.Spec.Arr("volumes").Objects().FirstOrDefault(v => v.Str("name") == mount.Str("name"));
            if (file is not null && volume is not null)
            {
                yield return (file, volume);
            }
        }
    }

    private static ReadOnlyMemory<byte>? Mounted(Process process, string path)
    {
        foreach (var (file, volume) in Mounts(process, path))
        {
            if (DiskOf(process, volume) is { } disk)
            {
                if (disk.Files.TryGetValue(file, out var content))
                {
                    return Encoding.UTF8.GetBytes(content);
                }

                continue;
            }

            var (type, source, name) = volume.Obj("secret") is { } secret ? (BuiltInTypes.Secrets, secret, secret.Str("secretName"))
                : (BuiltInTypes.ConfigMaps, volume.Obj("configMap"), volume.Obj("configMap").Str("name"));
            if (name is null || process.Plane.Store.Find(type, process.Pod.Namespace, name) is not { } stored)
            {
                continue;
            }

            // Items give keys other names; without items every key is a file.
            var key = source.Arr("items") is { Count: > 0 } items ? items.Objects().FirstOrDefault(i => i.Str("path") == file).Str("key") : file;
            if (key is not null && stored.Json.Obj("data").Str(key) is { } text)
            {
                return type == BuiltInTypes.Secrets ? Convert.FromBase64String(text) : Encoding.UTF8.GetBytes(text);
            }

            if (key is not null && stored.Json.Obj("binaryData").Str(key) is { } binary)
            {
                return Convert.FromBase64String(binary);
            }
        }

        return null;
    }
}
