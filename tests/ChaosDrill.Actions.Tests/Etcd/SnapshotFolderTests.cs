using ChaosDrill.Actions.Etcd.Snapshots;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

public sealed class SnapshotFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>As a text 9 comes after 10, and the newest snapshot would be thrown away first.</summary>
    [Fact]
    public void List_SnapshotsOfOneSecond_HasThatOfTheHigherRevisionFirst()
    {
        string[] names = ["etcd-20260101-000000-9.db", "etcd-20260101-000000-10.db", "etcd-20260101-000000-8.db"];
        foreach (var path in names.Select(name => Path.Combine(_folder.FullName, name)))
        {
            File.WriteAllText(path, "");
            File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.Equal([names[1], names[0], names[2]], SnapshotFolder.List(_folder.FullName).Select(s => Path.GetFileName(s.Name)));
    }
}
