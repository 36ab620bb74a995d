using System.Text;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Containers;

/// <summary>The files on a volume's disk. They stand in an annotation of the volume, one <c>name=content</c> a line, so that a backup of objects does not carry them.</summary>
/// <remarks>Used inside the loop only. Flat: a disk has no folders.</remarks>
internal sealed class Disk(ControlPlane plane, StoredObject volume)
{
    /// <summary>The disk of a claim; null when the claim has no volume.</summary>
    public static Disk? Of(ControlPlane plane, string ns, string claim) =>
        plane.Store.Find(BuiltInTypes.PersistentVolumeClaims, ns, claim)?.Spec.Str("volumeName") is { Length: > 0 } name
        && plane.Store.Find(BuiltInTypes.PersistentVolumes, "", name) is { } volume ? new Disk(plane, volume) : null;

    /// <summary>As the annotation has it.</summary>
    public string Text => volume.Metadata.Obj("annotations").Str(TwinAnnotations.VolumeData) ?? "";

    public IReadOnlyDictionary<string, string> Files =>
        Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToDictionary(f => f.Name, f => f.Content, StringComparer.Ordinal);

    public void Write(string name, string content) => Change(files => files[name] = content);

    public void Remove(string name) => Change(files => files.Remove(name));

    private void Change(Action<Dictionary<string, string>> change)
    {
        var files = new Dictionary<string, string>(Files, StringComparer.Ordinal);
        change(files);
        var text = new StringBuilder();
        foreach (var (name, content) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(name).Append('=').Append(content.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
        }

        plane.Registry.Change(volume, json => json.Meta().Child("annotations")[TwinAnnotations.VolumeData] = text.ToString());
    }

    /// <summary>A line without a name is a file called <c>data</c>.</summary>
    private static (string Name, string Content) Parse(string line)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal);
        var content = line[(at + 1)..].Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        return at < 0 ? ("data", content) : (line[..at], content);
    }
}
