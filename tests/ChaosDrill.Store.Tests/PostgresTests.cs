using ChaosDrill.Engine.Ports;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(ChaosDrill.Store.Tests.PostgresServer))]

namespace ChaosDrill.Store.Tests;

/// <summary>What only a server can do wrong.</summary>
public sealed class PostgresTests(PostgresServer server)
{
    [Fact]
    public async Task Open_ByManyAtOnce_MakesTheTablesOnce()
    {
        var target = server.NewStore();
        var stores = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => DrillStore.Open(target))));

        stores[0].Begin(Samples.Header("a"));
        Assert.All(stores, s => Assert.Single(s.History()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Open_OlderForm_IsUpgradedAndKeepsItsDrills(int form)
    {
        var target = server.NewStore();
        using (var store = DrillStore.Open(target))
        {
            store.Begin(Samples.Header("old"));
        }

        Sql(target, "DROP TABLE notice; ALTER TABLE firing DROP COLUMN worker_set; DROP TABLE worker; DROP TABLE word; ALTER TABLE drill DROP COLUMN fence; ALTER TABLE firing DROP COLUMN fence; UPDATE store_form SET form = 2");
        if (form == 1)
        {
            Sql(target, "DROP TABLE firing; DROP TABLE pause; DROP TABLE kept_scenario; ALTER TABLE drill DROP COLUMN owner; UPDATE store_form SET form = 1");
        }

        Assert.Contains("was written by an older ChaosDrill", Assert.Throws<JournalException>(() => DrillStore.OpenReadOnly(target)).Message, StringComparison.Ordinal);
        using var upgraded = DrillStore.Open(target);
        Assert.Equal("old", Assert.Single(upgraded.History()).Id);
        upgraded.Append("old", [Samples.Probe(1)]);
        upgraded.Firings.Beat("one");
        Assert.Single(DrillStore.Open(target).Firings.Beats());
    }

    [Fact]
    public void Open_NewerForm_IsRefusedInWords()
    {
        var target = server.NewStore();
        DrillStore.Open(target).Dispose();
        Sql(target, "UPDATE store_form SET form = 99");

        foreach (var open in new Action[] { () => DrillStore.Open(target), () => DrillStore.OpenReadOnly(target) })
        {
            Assert.Contains("was written by a newer ChaosDrill: its form is 99, this program knows forms up to 4.", Refusal(open), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_SchemaOfAnotherProgram_IsLeftAlone()
    {
        var target = server.NewStore();
        var schema = new NpgsqlConnectionStringBuilder(target).SearchPath!;
        Sql(target, $"CREATE SCHEMA {schema}; CREATE TABLE {schema}.drill (bits INTEGER)");

        Assert.Contains($"The schema {schema} of PostgreSQL 127.0.0.1:{server.Port}/postgres ({schema}) has tables of another program.", Refusal(() => DrillStore.Open(target)), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenReadOnly_NothingThere_SaysWhereItComesFrom() =>
        Assert.Contains("is empty. It is filled by the first drill", Refusal(() => DrillStore.OpenReadOnly(server.NewStore())), StringComparison.Ordinal);

    [Theory]
    [InlineData("Password=wrong-horse", "the server does not accept this user and password")]
    [InlineData("Database=nowhere", "the server has no such database. Create it with: createdb")]
    [InlineData("Port=1", "the server does not answer (")]
    [InlineData("Host=no-such-host.invalid", "the server does not answer (")]
    [InlineData("SSL Mode=VerifyFull", "the server does not answer (")]
    public void Open_CannotBeReached_SaysWhyAndNeverThePassword(string wrong, string why)
    {
        var target = new NpgsqlConnectionStringBuilder(server.Connection("never"));
        var (keyword, value) = (wrong.Split('=')[0], wrong.Split('=')[1]);
        target[keyword] = value;

        var refusal = Refusal(() => DrillStore.Open(target.ConnectionString));
        Assert.StartsWith("Cannot open the store for writing: the store PostgreSQL ", refusal, StringComparison.Ordinal);
        Assert.Contains(why, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Pasword=correct-horse")]
    [InlineData("Host=db;Port=correct-horse")]
    [InlineData("Host=db;Password=\"correct-horse")]
    [InlineData("postgresql://u:correct-horse@db:port/x")]
    [InlineData("postgresql://u:correct-horse@db/x?pasword=correct-horse")]
    public void Open_NoConnectionString_ShowsOneAndNeverThePassword(string target) =>
        Assert.Contains("One looks like: Host=db.example;Database=chaosdrill;Username=chaosdrill", Refusal(() => DrillStore.Open(target)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Host=db", "chaosdrill", 5, 10, 20)]
    [InlineData("Host=db;SearchPath=drills;Timeout=7;CommandTimeout=8;MaxPoolSize=9", "drills", 7, 8, 9)]
    [InlineData("postgresql://db/x?connect_timeout=7", "chaosdrill", 7, 10, 20)]
    public void Connection_LeftOut_IsCompletedAndGiven_IsKept(string target, string schema, int connect, int command, int pool)
    {
        var completed = new NpgsqlConnectionStringBuilder(StoreTarget.Connection(target));

        Assert.Equal((schema, connect, command, pool, "chaosdrill"), (completed.SearchPath, completed.Timeout, completed.CommandTimeout, completed.MaxPoolSize, completed.ApplicationName));
    }

    [Fact]
    public void Open_WithoutASearchPath_HasASchemaOfItsOwn()
    {
        var target = new NpgsqlConnectionStringBuilder(server.Connection("never"));
        target.Remove("Search Path");
        using var store = DrillStore.Open(target.ConnectionString);
        store.Begin(Samples.Header("a"));

        Assert.Equal("a", Assert.Single(store.History()).Id);
        Sql(target.ConnectionString, "SELECT number FROM chaosdrill.drill");
    }

    [Fact]
    public void Open_ByUri_IsTheSameStore()
    {
        var target = server.NewStore();
        var schema = new NpgsqlConnectionStringBuilder(target).SearchPath;
        using var store = DrillStore.Open(target);
        store.Begin(Samples.Header("a"));

        using var same = DrillStore.OpenReadOnly($"postgresql://drills:{PostgresServer.Password}@127.0.0.1:{server.Port}/postgres?search_path={schema}&sslmode=disable");
        Assert.Equal("a", Assert.Single(same.History()).Id);
        Assert.Equal($"PostgreSQL 127.0.0.1:{server.Port}/postgres ({schema})", same.Place);
    }

    [Theory]
    [InlineData("Host=db", true)]
    [InlineData("Database=x; host=db", true)]
    [InlineData("postgres://db/x", true)]
    [InlineData("drills.db", false)]
    [InlineData("/var/lib/Host/drills.db", false)]
    [InlineData("C=;\\localhost=1.db", false)]
    public void IsServer_TellsFilesFromServers(string target, bool expected) => Assert.Equal(expected, StoreTarget.IsServer(target));

    [Fact]
    public void Write_TextThatTheServerCannotHold_IsKeptWithoutIt()
    {
        using var store = DrillStore.Open(server.NewStore());
        store.Begin(Samples.Header("a"));
        store.End("a", Samples.End(), Samples.Judgement() with { Reason = "a program said \0 and \ud800 and \U0001F98A" });

        Assert.Equal("a program said \uFFFD and \uFFFD and \U0001F98A", store.Find("a")!.Reason);
    }

    private static string Refusal(Action act)
    {
        var said = Assert.Throws<JournalException>(act).ToString();
        Assert.DoesNotContain("-horse", said, StringComparison.Ordinal);
        return said.Split(": ", 2)[1];
    }

    private static void Sql(string target, string sql)
    {
        using var connection = new NpgsqlConnection(target);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
