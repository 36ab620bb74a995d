using ChaosDrill.Store;
using ChaosDrill.Worker;

namespace ChaosDrill.Tests.Worker;

/// <summary>A folder of scenarios and a shelf on it, with a store beside them.</summary>
internal sealed class Shelved : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaosdrill-shelf");
    private readonly StringWriter _log = new();

    public Shelved()
    {
        Scenarios = _folder.CreateSubdirectory("scenarios").FullName;
        Store = DrillStore.Open(Path.Combine(_folder.FullName, "drills.db"));
        Shelf = Again();
    }

    public DrillStore Store { get; }

    public string Scenarios { get; }

    public ScenarioShelf Shelf { get; private set; }

    public string Log => _log.ToString();

    /// <summary>A shelf as a worker that was started again has it.</summary>
    public ScenarioShelf Again() => Shelf = new ScenarioShelf([Scenarios], Store.Firings, new WorkerLog(_log, TimeProvider.System, json: false));

    public string Write(string file, string name, string cron = "0 3 * * *") => WriteText(file, $$"""
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata: { name: {{name}} }
        spec:
          cluster: { namespace: shop }
          schedule: { cron: "{{cron}}" }
          steps:
            - podKill: { selector: app=storefront }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 1s, timeout: 1m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 30s }
        """);

    public string WriteText(string file, string text)
    {
        var path = Path.Combine(Scenarios, file);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        Store.Dispose();
        _folder.Delete(recursive: true);
    }
}
