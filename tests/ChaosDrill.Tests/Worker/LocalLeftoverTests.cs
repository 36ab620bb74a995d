using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;
using ChaosDrill.Tests.Process;

namespace ChaosDrill.Tests.Worker;

/// <summary>What a drill made on the machine of its worker outlives both; whoever clears up after the worker clears that up as well.</summary>
public sealed class LocalLeftoverTests
{
    private const string Mark = "0123456789abcdef0123456789abcdef";

    /// <summary>The nightly verification, killed while etcd runs in its scratch folder.</summary>
    [Fact]
    [Trait("needs", "etcd")]
    public async Task Sigkill_WhileAScratchEtcdRuns_TheNextStartEndsItAndRemovesItsFolder()
    {
        Assert.SkipUnless(ProgramPath.Find("etcd") is not null && ProgramPath.Find("etcdctl") is not null, "needs etcd: apt-get install etcd-server etcd-client");
        using var program = new Chaosdrill();
        Directory.CreateDirectory(Path.Combine(program.Folder, "scenarios"));
        var scenario = File.ReadAllText(Repository.Path("scenarios", "etcd-restore-verify.yaml")).Replace("twin/shop.yaml", Repository.Path("scenarios", "twin", "shop.yaml"), StringComparison.Ordinal);
        program.Write(Path.Combine("scenarios", "nightly.yaml"), scenario);
        string[] start = ["worker", "--scenarios", "scenarios", "--listen", "127.0.0.1:0"], folders;
        using (var victim = program.Start(start))
        {
            using var http = await WorkerServerTests.ReachAsync(victim);
            Assert.Equal(0, (await program.RunAsync("schedule", "run", "etcd-restore-verify", "--worker", http.BaseAddress!.ToString())).Code);
            using var watch = program.Start("drills", "--watch", "--worker", http.BaseAddress!.ToString());
            await watch.UntilAsync("etcdRestoreVerify healthy");
            victim.Signal("KILL");
            await victim.EndAsync();
            folders = [.. Directory.GetDirectories(Path.GetTempPath(), "chaosdrill-etcd-*").Where(f => File.ReadAllText(Path.Combine(f, ".chaosdrill")).Contains($"\n{victim.Id} ", StringComparison.Ordinal))];
        }

        // That of the twin and the scratch, with a process at least each.
        Assert.True(folders.Length >= 2 && folders.Sum(KilledDrillTests.ProcessesIn) >= 2, string.Join(' ', folders));
        using var next = program.Start(start);
        await next.UntilAsync("drill of a dead process is settled");
        Assert.All(folders, f => Assert.False(Directory.Exists(f) || KilledDrillTests.ProcessesIn(f) > 0, f));
        next.Signal("TERM");
        Assert.Equal(0, (await next.EndAsync()).Code);
        using var store = DrillStore.OpenReadOnly(Path.Combine(program.Home, "drills.db"));
        var drill = Assert.Single(store.History());
        Assert.Equal((DrillOutcome.Inconclusive, true), (drill.Outcome, drill.UndoComplete));
    }

    [Fact]
    public async Task Sigkill_LeftSomethingHereAndOnAnotherMachine_WhatIsHereIsClearedAndTheRestIsNamedAndKeepsNothing()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "5m");
        var id = field.Ask();
        using (var victim = field.Start())
        {
            await victim.UntilAsync("step ends: Done");
            victim.Signal("KILL");
            await victim.EndAsync();
        }

        var here = Directory.CreateDirectory(Path.Combine(field.Folder, "chaosdrill-etcd-0123456789ab")).FullName;
        File.WriteAllText(Path.Combine(here, ".chaosdrill"), Mark + "\n");
        string drill;
        using (var store = DrillStore.Open(field.StorePath))
        {
            drill = store.Firings.Find(id)!.Drill!;
            store.RecordUndo(Undo("scratch-1", here, Environment.MachineName));
            store.RecordUndo(Undo("scratch-2", "/elsewhere/chaosdrill-etcd-0123456789ab", "another-machine"));
        }

        using var next = field.Start();
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        next.Signal("TERM");
        var ended = await next.EndAsync();

        // Something is left, and a worker that ends says so.
        Assert.Equal(5, ended.Code);
        Assert.Contains("remove /elsewhere/chaosdrill-etcd-0123456789ab: that is on another-machine", ended.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(here));
        using (var store = DrillStore.OpenReadOnly(field.StorePath))
        {
            Assert.Equal("scratch-2", Assert.Single(store.OutstandingUndos()).Undo.Id);
            Assert.Equal((DrillOutcome.Inconclusive, false), (store.History()[0].Outcome, store.History()[0].UndoComplete));
        }

        // The cluster is as it was all the same, and a person can say that the machine will not come back.
        string[] undo = ["undo", drill, "--store", field.StorePath, "--kubeconfig", Path.Combine(field.Folder, "kubeconfig")];
        foreach (var (wrong, why) in (IReadOnlyList<(string, string)>)[(Environment.MachineName, "that is this machine"), ("misspelt", "not there")])
        {
            var refused = await field.RunAsync([.. undo, "--gone", wrong]);
            Assert.Equal(64, refused.Code);
            Assert.Contains($"--gone {wrong}: {why}; drill {drill} left something on another-machine", refused.Error, StringComparison.Ordinal);
        }

        var told = await field.RunAsync([.. undo, "--gone", "another-machine"]);
        Assert.Equal((0, "gone with another-machine  remove /elsewhere/chaosdrill-etcd-0123456789ab\n"), (told.Code, told.Out));
        field.AssertClean();

        UndoRecord Undo(string undo, string folder, string host) => new(
            drill, undo, "localEtcd", $"remove {folder}", $$"""{"folder":"{{folder}}","mark":"{{Mark}}","host":"{{host}}"}""", TimeProvider.System.GetUtcNow().AddHours(1));
    }
}
