namespace ChaosDrill.Tests.Worker;

public sealed class ScenarioShelfTests : IDisposable
{
    private readonly Shelved _shelved = new();

    public void Dispose() => _shelved.Dispose();

    [Fact]
    public void Look_NothingChanged_SaysSo()
    {
        _shelved.Write("a.yaml", "a");

        Assert.True(_shelved.Shelf.Look());
        Assert.False(_shelved.Shelf.Look());
        Assert.Equal(["a"], _shelved.Shelf.Scenarios.Keys);
    }

    [Fact]
    public void Look_FileTurnsBad_IsReportedAndItsLastGoodVersionKept()
    {
        var file = _shelved.Write("a.yaml", "a", "0 3 * * *");
        _shelved.Shelf.Look();
        _shelved.WriteText("a.yaml", "apiVersion: chaosdrill.dev/v1\nkind: Scenaro\n");

        Assert.True(_shelved.Shelf.Look());
        Assert.Equal("0 3 * * *", _shelved.Shelf.Scenarios["a"].Spec.Schedule!.Cron);
        Assert.Contains("its last good version stays in force", _shelved.Shelf.Troubles[file], StringComparison.Ordinal);
        Assert.Contains("a.yaml:2:", _shelved.Log, StringComparison.Ordinal);

        _shelved.Write("a.yaml", "a", "0 4 * * *");
        Assert.True(_shelved.Shelf.Look());
        Assert.Equal("0 4 * * *", _shelved.Shelf.Scenarios["a"].Spec.Schedule!.Cron);
        Assert.Empty(_shelved.Shelf.Troubles);
    }

    [Fact]
    public void Look_BadFileAfterARestart_IsItsLastGoodVersionStill()
    {
        _shelved.Write("a.yaml", "a", "0 3 * * *");
        _shelved.Shelf.Look();
        _shelved.WriteText("a.yaml", "no scenario");
        _shelved.WriteText("b.yaml", "never was one");

        Assert.True(_shelved.Again().Look());
        Assert.Equal(["a"], _shelved.Shelf.Scenarios.Keys);
        Assert.Equal(2, _shelved.Shelf.Troubles.Count);
        Assert.Contains("it is left out until it is mended", _shelved.Shelf.Troubles[Path.Combine(_shelved.Scenarios, "b.yaml")], StringComparison.Ordinal);
    }

    [Fact]
    public void Look_FileIsGone_TakesItsScenarioAlongForGood()
    {
        var file = _shelved.Write("a.yaml", "a");
        _shelved.Shelf.Look();
        File.Delete(file);

        Assert.True(_shelved.Shelf.Look());
        Assert.Empty(_shelved.Shelf.Scenarios);

        _shelved.WriteText("a.yaml", "no scenario");
        _shelved.Again().Look();
        Assert.Empty(_shelved.Shelf.Scenarios);
    }

    [Fact]
    public void Look_FolderOutOfSight_ChangesNothing()
    {
        _shelved.Write("a.yaml", "a");
        _shelved.Shelf.Look();
        Directory.Move(_shelved.Scenarios, _shelved.Scenarios + ".away");

        Assert.False(_shelved.Shelf.Look());
        Assert.Equal(["a"], _shelved.Shelf.Scenarios.Keys);
        Assert.Contains("the folder cannot be read, its scenarios stay as they are", _shelved.Log, StringComparison.Ordinal);

        Directory.Move(_shelved.Scenarios + ".away", _shelved.Scenarios);
        Assert.False(_shelved.Shelf.Look());
        Assert.Empty(_shelved.Shelf.Troubles);
    }

    [Fact]
    public void Look_TwoFilesOneName_TheFirstCountsAndTheSecondIsReported()
    {
        _shelved.Write("a.yaml", "same", "0 3 * * *");
        var second = _shelved.Write("b.yaml", "same", "0 4 * * *");

        _shelved.Shelf.Look();

        Assert.Equal("0 3 * * *", _shelved.Shelf.Scenarios["same"].Spec.Schedule!.Cron);
        Assert.Contains("give one of them another name", _shelved.Shelf.Troubles[second], StringComparison.Ordinal);
    }

    [Fact]
    public void Look_FileBehindLinksAsAConfigMapMountsIt_IsSeenToChange()
    {
        var data = Directory.CreateDirectory(Path.Combine(_shelved.Scenarios, "..", "v1"));
        var next = Directory.CreateDirectory(Path.Combine(_shelved.Scenarios, "..", "v2"));
        File.Move(_shelved.Write("x.yaml", "a", "0 3 * * *"), Path.Combine(data.FullName, "x.yaml"));
        File.Move(_shelved.Write("x.yaml", "a", "0 4 * * *"), Path.Combine(next.FullName, "x.yaml"));
        var link = Path.Combine(_shelved.Scenarios, "..data");
        Directory.CreateSymbolicLink(link, data.FullName);
        File.CreateSymbolicLink(Path.Combine(_shelved.Scenarios, "x.yaml"), Path.Combine("..data", "x.yaml"));
        _shelved.Shelf.Look();
        Assert.Equal("0 3 * * *", _shelved.Shelf.Scenarios["a"].Spec.Schedule!.Cron);

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, next.FullName);

        Assert.True(_shelved.Shelf.Look());
        Assert.Equal("0 4 * * *", _shelved.Shelf.Scenarios["a"].Spec.Schedule!.Cron);
    }
}
