namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>A folder of snapshots: those that end in <c>.db</c>.</summary>
internal static class SnapshotFolder
{
    /// <summary>The snapshots of a folder, the youngest first: by their notes, and where there is none by the file's own time.</summary>
    public static IReadOnlyList<KeptSnapshot> List(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*" + SnapshotName.Ending).Select(path => new KeptSnapshot(path, At(path))).OrderByDescending(s => s.At).ThenByDescending(s => SnapshotName.RevisionOf(Path.GetFileName(s.Name))).ThenByDescending(s => s.Name, StringComparer.Ordinal),
    ];

    /// <summary>Removes the oldest of the snapshots that drills took, so that so many are left; strangers' files are never touched.</summary>
    /// <returns>The files that were removed.</returns>
    public static IReadOnlyList<string> Retain(string folder, int keep)
    {
        var surplus = List(folder).Where(s => File.Exists(s.Name + SnapshotNote.Suffix)).Skip(keep).Select(s => s.Name).ToList();
        foreach (var path in surplus)
        {
            File.Delete(path);
            File.Delete(path + SnapshotNote.Suffix);
        }

        return surplus;
    }

    private static DateTimeOffset At(string path)
    {
        try
        {
            return SnapshotNote.Beside(path)?.TakenAt ?? File.GetLastWriteTimeUtc(path);
        }
        catch (FormatException)
        {
            return File.GetLastWriteTimeUtc(path);
        }
    }
}
