using ChaosDrill.Engine.Ports;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ChaosDrill.Store.Tests;

public sealed class BrokenStoreTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_FolderMissing_IsMade()
    {
        var path = folder.File("deep/er/drills.db");

        DrillStore.Open(path).Dispose();

        Assert.True(File.Exists(path));
    }

    [Fact]
    public void Open_NotADatabase_SaysSoAndLeavesTheFile()
    {
        var text = string.Concat(Enumerable.Repeat("this is a diary, not a database\n", 100));
        File.WriteAllText(folder.Store, text);

        var failure = Assert.Throws<JournalException>(() => DrillStore.Open(folder.Store));

        Assert.Equal(
            $"Cannot open the store for writing: the store {folder.Store} fails, because it is not a SQLite database. " +
            "Choose another path; the file was left as it is.", failure.Message);
        Assert.Equal(text, File.ReadAllText(folder.Store));
    }

    [Fact]
    public void Open_DatabaseOfAnotherProgram_IsLeftAlone()
    {
        Sql("CREATE TABLE bookmarks (url TEXT)");

        var failure = Assert.Throws<JournalException>(() => DrillStore.Open(folder.Store));

        Assert.Equal(
            $"The file {folder.Store} is a SQLite database of another program. Choose another path for the store; the file was left as it is.",
            failure.Message);
    }

    [Fact]
    public void Open_NewerForm_IsRefusedInWords()
    {
        DrillStore.Open(folder.Store).Dispose();
        Sql("PRAGMA user_version = 99");

        foreach (var open in new Action[] { () => DrillStore.Open(folder.Store), () => DrillStore.OpenReadOnly(folder.Store) })
        {
            Assert.Equal(
                $"The store {folder.Store} was written by a newer ChaosDrill: its form is 99, this program knows forms up to 4. " +
                "Use that newer ChaosDrill, or choose another store.",
                Assert.Throws<JournalException>(open).Message);
        }
    }

    [Theory]
    [InlineData("/proc/drills.db")]
    [InlineData("/proc/chaosdrill/drills.db")]
    [InlineData("/dev/null/drills.db")]
    public void Open_PlaceThatCannotBeWritten_SaysWhatWhereAndMend(string path)
    {
        var failure = Assert.Throws<JournalException>(() => DrillStore.Open(path));

        Assert.StartsWith("Cannot open the store for writing: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains("hoose", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PathIsAFolder_SaysSo()
    {
        var failure = Assert.Throws<JournalException>(() => DrillStore.Open(folder.Path));

        Assert.Contains("cannot be opened or created there", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenReadOnly_NoFile_SaysWhereItComesFrom()
    {
        var failure = Assert.Throws<JournalException>(() => DrillStore.OpenReadOnly(folder.Store));

        Assert.Equal($"There is no store at {folder.Store}. It is made by the first drill; or name another one.", failure.Message);
        Assert.False(File.Exists(folder.Store));
    }

    [Fact]
    public void Read_DamagedFile_NamesTheRecovery()
    {
        using (var store = DrillStore.Open(folder.Store))
        {
            store.Begin(Samples.Header("a"));
            store.Append("a", [.. Enumerable.Range(1, 2000).Select(i => Samples.Probe(i))]);
        }

        using (var file = File.OpenWrite(folder.Store))
        {
            file.Seek(4096, SeekOrigin.Begin);
            file.Write(Enumerable.Repeat((byte)0xAA, (int)file.Length - 4096).ToArray());
        }

        var failure = Assert.Throws<JournalException>(() =>
        {
            using var store = DrillStore.OpenReadOnly(folder.Store);
            store.Read("a");
        });

        Assert.Contains("it is damaged", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"sqlite3 {folder.Store} .recover", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EntryOfANewerForm_NamesIt()
    {
        using var store = DrillStore.Open(folder.Store);
        store.Begin(Samples.Header("a"));
        store.Append("a", [Samples.Probe(1)]);
        Sql("""UPDATE entry SET event = '{"type":"telepathy"}'""");

        var failure = Assert.Throws<JournalException>(() => store.Read("a"));

        Assert.StartsWith("Cannot understand timeline entry 1 of drill a: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_DiskFull_SaysSoAndKeepsWhatWasWritten()
    {
        using var store = DrillStore.Open(folder.Store);
        store.Begin(Samples.Header("a"));
        store.Append("a", [Samples.Probe(1)]);
        StoreSchema.Execute(store.WritingConnection!, "PRAGMA max_page_count = 12");

        var sequence = 2;
        var failure = Assert.Throws<JournalException>(() =>
        {
            for (; sequence < 10_000; sequence++)
            {
                store.Append("a", [Samples.Probe(sequence)]);
            }
        });

        Assert.Equal(
            $"Cannot append to the timeline of drill a: the store {folder.Store} fails, because the disk is full. " +
            "Free some space, then run the command again.", failure.Message);
        Assert.Equal(sequence - 1, store.Read("a")!.Timeline.Count);

        StoreSchema.Execute(store.WritingConnection!, "PRAGMA max_page_count = 1000000");
        store.Append("a", [Samples.Probe(sequence)]);
        Assert.Equal(sequence, store.Read("a")!.Timeline.Count);
    }

    [Fact]
    public async Task Append_FileSizeLimit_EndsInWordsAndKeepsWhatWasAcknowledged()
    {
        using var victim = Victim.Start(folder.Store, "a", limits: "trap '' XFSZ; ulimit -f 400");
        var output = victim.StandardOutput.ReadToEndAsync();
        var error = await victim.StandardError.ReadToEndAsync();
        await victim.WaitForExitAsync();

        Assert.Equal(3, victim.ExitCode);
        Assert.Contains($"the store {folder.Store} fails, because ", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        var acknowledged = (await output).Split('\n').Count(line => line.StartsWith("entry ", StringComparison.Ordinal)) * 2;
        Assert.True(acknowledged > 10);
        using var store = DrillStore.OpenReadOnly(folder.Store);
        Assert.Equal(acknowledged, store.Read("a")!.Timeline.Count);
    }

    [Fact]
    public void Begin_AnotherProcessHoldsTheLock_SaysSo()
    {
        using var store = DrillStore.Open(folder.Store);
        StoreSchema.Execute(store.WritingConnection!, "PRAGMA busy_timeout = 10");
        store.WritingConnection!.DefaultTimeout = 1;
        using var other = Connect();
        using var transaction = other.BeginTransaction();

        var failure = Assert.Throws<JournalException>(() => store.Begin(Samples.Header("a")));

        Assert.Contains("another process has held its lock for too long", failure.Message, StringComparison.Ordinal);
        transaction.Rollback();
        store.Begin(Samples.Header("a"));
    }

    [Fact]
    public void Library_Missing_NamesThePackage()
    {
        var failure = Assert.Throws<JournalException>(() => SqliteLibrary.Load("libsqlite3-is-not-here.so.0"));

        Assert.Contains("Install the Debian package libsqlite3-0: apt-get install -y libsqlite3-0", failure.Message, StringComparison.Ordinal);
    }

    private void Sql(string sql)
    {
        using var connection = Connect();
        StoreSchema.Execute(connection, sql);
    }

    private SqliteConnection Connect()
    {
        SqliteLibrary.Require();
        var connection = new SqliteConnection($"Data Source={folder.Store};Pooling=False");
        connection.Open();
        return connection;
    }
}
