using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;
using static ChaosDrill.Acceptance.Virtual.VeleroShop;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>Restore drills: a good backup passes, and each way in which a restore can look good without being so is seen to be red.</summary>
public sealed class VeleroDrillTests
{
    [Fact]
    public void GoodBackup_Verified_PassesAndLeavesNothing()
    {
        IReadOnlyList<string>? before = null, after = null;
        var drill = Drill("veleroBackup: {}") with
        {
            Before = async (_, client) => before = await PictureAsync(client),
            After = async (_, client) => after = await PictureAsync(client),
        };
        var result = drill.Run();

        Assert.Equal((DrillOutcome.Pass, null), (result.Judgement.Outcome, Why(result)));
        Assert.Equal(before, after);
        Assert.True(result.Judgement.UndoComplete);
        Assert.DoesNotContain(Checks(result), c => c.Held != true);
        var phases = result.Record.Timeline.Select(e => e.Event).OfType<PhaseReached>().Select(p => p.Phase).ToList();
        string[] order = [PhaseNames.RestoreStarted, "restore InProgress", PhaseNames.Restored, PhaseNames.Healthy, PhaseNames.Verified, "removed"];
        Assert.Equal(order, phases.Where(order.Contains));
    }

    [Fact]
    public void ScratchNamespace_WhileItLasts_ReachesNothingOutside()
    {
        var seen = new List<string>();
        _ = (Drill("veleroBackup: {}") with
        {
            Meanwhile = async (twin, clock, client, _) =>
            {
                while (seen.Count == 0 && clock.Elapsed < TimeSpan.FromMinutes(5))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), clock);
                    var pods = (await client.ListAsync(Resources.Pods, null)).Items.Where(p => p.Metadata.Namespace!.StartsWith("shop-drill-", StringComparison.Ordinal)).ToList();
                    if (pods.Count > 0)
                    {
                        var ns = pods[0].Metadata.Namespace!;
                        foreach (var (group, plural, kind) in new[] { ("networking.k8s.io", "networkpolicies", "NetworkPolicy"), ("networking.k8s.io", "ingresses", "Ingress"), ("batch", "cronjobs", "CronJob") })
                        {
                            seen.AddRange((await client.ListAsync(Resources.Any(group, "v1", plural, kind, true), ns)).Items.Select(i => $"{kind} {i.GetProperty("metadata").GetProperty("name")}"));
                        }

                        await Task.Delay(TimeSpan.FromSeconds(1), clock);
                        var edge = (await client.ListAsync(Resources.Any("", "v1", "services", "Service", true), ns)).Items.Single(s => s.GetProperty("metadata").GetProperty("name").GetString() == "edge");
                        var json = JsonObject.Create(edge)!;
                        seen.Add($"{json["spec"]!["type"]} {json["spec"]!["externalIPs"]} {json["spec"]!["ports"]![0]!["nodePort"]} {json["metadata"]!["annotations"]!.AsObject().Count}");
                    }
                }
            },
        }).Run();

        Assert.Equal(["NetworkPolicy chaosdrill-deny-all", "ClusterIP   1"], seen);
    }

    /// <summary>Orders to the twin's Velero, and what the drill must say; none may pass.</summary>
    public static TheoryData<string, string, DrillOutcome, string> Traps => new()
    {
        { "backup", "partially-failed=configmaps/settings", DrillOutcome.Fail, "is complete: PartiallyFailed, 1 errors" },
        { "backup", "failed-validation", DrillOutcome.Fail, "is complete: FailedValidation" },
        { "backup", "server-restart", DrillOutcome.Fail, "found a backup with status" },
        { "backup", "empty", DrillOutcome.Fail, "the backup holds namespace shop" },
        { "backup", "skip-volumes", DrillOutcome.Fail, "the backup holds the data of every volume: these come back empty: orders" },
        { "backup", "download-404", DrillOutcome.Inconclusive, "answered 404: the file is not in the storage" },
        { "backup", "content-of=older", DrillOutcome.Fail, "the marker from before the backup is back" },
        { "restore", "skip-volumes", DrillOutcome.Fail, "the restore lists the data of every volume: these come back empty: orders" },
        { "restore", "wrong-namespace=elsewhere", DrillOutcome.Fail, "every object of the backup is there" },
        { "restore", "alter-object=configmaps/chaosdrill-marker-*", DrillOutcome.Fail, "says what another run wrote" },
        { "restore", "partially-failed", DrillOutcome.Fail, "the restore is complete and without errors: PartiallyFailed, 1 errors" },
        { "restore", "partially-failed=configmaps/settings", DrillOutcome.Fail, "connection refused; a webhook whose program is not running refused objects" },
        { "restore", "failed-validation", DrillOutcome.Fail, "FailedValidation" },
        { "restore", "server-restart", DrillOutcome.Fail, "during the server starting" },
        { "restore", "empty", DrillOutcome.Fail, "every object of the backup is there" },
        { "restore", "drop-object=configmaps/settings", DrillOutcome.Fail, "1 of 7 are missing: ConfigMap settings" },
        { "restore", "alter-object=configmaps/settings", DrillOutcome.Fail, "data.CURRENCY: backup \"EUR\", restored \"altered\"" },
        { "restore", "alter-object=secrets/key", DrillOutcome.Fail, "Secret key (data.api-key: differs (hidden))" },
        { "restore", "alter-object=deployments/storefront", DrillOutcome.Fail, "spec.replicas: backup 3, restored 4" },
        { "restore", "slow=35m", DrillOutcome.Inconclusive, "after 30m it is InProgress" },
    };

    [Theory]
    [MemberData(nameof(Traps))]
    public void Trap_Set_IsNeverAPass(string kind, string order, DrillOutcome outcome, string says)
    {
        var annotation = kind == "backup" ? TwinAnnotations.VeleroBackup : TwinAnnotations.VeleroRestore;
        var result = (Drill("veleroBackup: {}") with
        {
            Before = async (_, client) =>
            {
                if (order.StartsWith("content-of", StringComparison.Ordinal))
                {
                    await BackupAsync(client, "older", "{}", """["shop"]""");
                }

                await OrderAsync(client, annotation, order);
            },
            After = async (_, client) => Assert.DoesNotContain((await client.ListAsync(Resources.Namespaces, null)).Items, n => n.Metadata.Name!.StartsWith("shop-drill", StringComparison.Ordinal)),
        }).Run();

        Assert.True(result.Judgement.Outcome == outcome, result.Judgement.Reason);
        Assert.Contains(says, string.Join("\n", Checks(result).Where(c => c.Held != true).Select(c => $"{c.Check}: {c.Evidence}").Append(Why(result))), StringComparison.Ordinal);
        Assert.True(result.Judgement.UndoComplete);
    }

    /// <summary>The traps that the server of 2020 has too: fewer phases, no volume information, no lists of restores.</summary>
    public static TheoryData<string, string, DrillOutcome> OldTraps => new()
    {
        { "backup", "partially-failed=configmaps/settings", DrillOutcome.Fail },
        { "backup", "failed-validation", DrillOutcome.Fail },
        { "backup", "server-restart", DrillOutcome.Fail },
        { "backup", "empty", DrillOutcome.Fail },
        { "backup", "download-404", DrillOutcome.Inconclusive },
        { "backup", "content-of=older", DrillOutcome.Fail },
        { "restore", "partially-failed", DrillOutcome.Fail },
        { "restore", "failed-validation", DrillOutcome.Fail },
        { "restore", "server-restart", DrillOutcome.Fail },
        { "restore", "empty", DrillOutcome.Fail },
        { "restore", "drop-object=configmaps/settings", DrillOutcome.Fail },
        { "restore", "alter-object=secrets/key", DrillOutcome.Fail },
        { "restore", "alter-object=configmaps/chaosdrill-marker-*", DrillOutcome.Fail },
        { "restore", "wrong-namespace=elsewhere", DrillOutcome.Fail },
        { "restore", "slow=35m", DrillOutcome.Inconclusive },
    };

    [Theory]
    [MemberData(nameof(OldTraps))]
    public void Trap_SetOnAnOldServer_IsNeverAPass(string kind, string order, DrillOutcome outcome)
    {
        var result = (Drill("veleroBackup: {}") with
        {
            Twin = WithVelero with { VeleroVersion = "v1.3.2" },
            Manifest = TwinDrill.Shop,
            Before = async (_, client) =>
            {
                await BackupAsync(client, "older", "{}", """["shop"]""");
                await OrderAsync(client, kind == "backup" ? TwinAnnotations.VeleroBackup : TwinAnnotations.VeleroRestore, order);
            },
        }).Run();
        Assert.True(result.Judgement.Outcome == outcome, result.Judgement.Reason);
    }

    /// <summary>"Completed" says nothing of readiness: pods that came back may never become ready.</summary>
    [Fact]
    public void RestoredPodsThatAreNeverReady_Fail()
    {
        var result = (Drill("veleroBackupSelect: { backup: sick }") with
        {
            Before = async (_, client) =>
            {
                await client.PatchAsync(Resources.Deployments, "shop", "storefront", Patch.Merge(JsonNode.Parse("""{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null},"template":{"metadata":{"annotations":{"twin.chaosdrill.dev/never-ready":"true"}}}}}""")!));
                await BackupAsync(client, "sick", "{}", """["shop"]""");
            },
        }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains("every restored workload becomes ready: after 2m: deployment/storefront", result.Judgement.Reason, StringComparison.Ordinal);
    }

    /// <summary>What was there before and differs is only a warning to Velero, and the restore is Completed.</summary>
    [Fact]
    public void ObjectThatWasThereBefore_AndDiffers_Fails()
    {
        var result = (Drill("veleroBackup: {}") with
        {
            Meanwhile = async (_, clock, client, _) =>
            {
                string? scratch = null;
                while ((scratch = (await client.ListAsync(Resources.Namespaces, null)).Items.Select(n => n.Metadata.Name!).FirstOrDefault(n => n.StartsWith("shop-drill", StringComparison.Ordinal))) is null)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(1), clock);
                }

                await client.CreateAsync(Resources.ConfigMaps, scratch, new ConfigMap { Metadata = new ObjectMeta { Name = "settings", Namespace = scratch }, Data = new Dictionary<string, string> { ["CURRENCY"] = "GBP" } });
            },
        }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains(Checks(result), c => c is { Held: true } && c.Check.StartsWith("the restore is complete", StringComparison.Ordinal) && c.Evidence.Contains("already exists", StringComparison.Ordinal));
        Assert.Contains(Checks(result), c => c is { Held: false } && c.Evidence.Contains("restored \"GBP\"", StringComparison.Ordinal));
    }

    /// <summary>An operator that makes a claim anew makes it empty, and its volume says nothing of the backup any more.</summary>
    [Fact]
    public void ClaimMadeAnewAfterItsRestore_Fails()
    {
        var claims = Resources.Any("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", namespaced: true);
        var result = (Drill("veleroBackup: {}") with
        {
            Annotations = """twin.chaosdrill.dev/ready-delay: "20s" """,
            Meanwhile = async (_, clock, client, _) =>
            {
                JsonObject? restored = null;
                while ((restored = (await client.ListAsync(claims, null)).Items.Select(c => JsonObject.Create(c)!).FirstOrDefault(c => ((string)c["metadata"]!["namespace"]!).StartsWith("shop-drill", StringComparison.Ordinal))) is null)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), clock);
                }

                await Task.Delay(TimeSpan.FromSeconds(10), clock);
                var ns = (string)restored["metadata"]!["namespace"]!;
                await client.DeleteAsync(claims, ns, "orders");
                foreach (var field in (string[])["uid", "resourceVersion", "creationTimestamp"])
                {
                    restored["metadata"]!.AsObject().Remove(field);
                }

                restored.Remove("status");
                (restored["apiVersion"], restored["kind"]) = ("v1", "PersistentVolumeClaim");
                restored["spec"]!.AsObject().Remove("volumeName");
                using var document = System.Text.Json.JsonDocument.Parse(restored.ToJsonString());
                await client.CreateAsync(claims, ns, document.RootElement.Clone());
            },
        }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains("the volume claims are those that were restored: deleted or made anew since", string.Join('\n', Checks(result).Where(c => c.Held == false).Select(c => $"{c.Check}: {c.Evidence}")), StringComparison.Ordinal);
    }

    /// <summary>A restore that ignores the mapping brings back into the original namespace what was deleted there since.</summary>
    [Fact]
    public void RestoreIntoTheOriginalNamespace_IsSeenThere()
    {
        var result = (Drill("veleroBackupSelect: { backup: good }") with
        {
            Before = async (_, client) =>
            {
                await BackupAsync(client, "good", "{}", """["shop"]""");
                await client.DeleteAsync(Resources.ConfigMaps, "shop", "settings");
                await OrderAsync(client, TwinAnnotations.VeleroRestore, "wrong-namespace=shop");
            },
        }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains(Checks(result), c => c is { Check: "nothing was restored into namespace shop", Held: false, Evidence: "ConfigMap settings" });
    }

    /// <summary>A retained volume outlives its claim and its namespace.</summary>
    [Fact]
    public void RetainedVolume_OfTheScratchNamespace_IsRemoved()
    {
        IReadOnlyList<string>? before = null, after = null;
        var result = (Drill("veleroBackup: {}") with
        {
            Manifest = Furniture.Replace("""twin.chaosdrill.dev/volume-data: "orders=42" }""", """twin.chaosdrill.dev/volume-data: "orders=42", twin.chaosdrill.dev/reclaim-policy: Retain }""", StringComparison.Ordinal),
            Before = async (_, client) => before = await PictureAsync(client),
            After = async (_, client) => after = await PictureAsync(client),
        }).Run();
        Assert.Equal((DrillOutcome.Pass, null), (result.Judgement.Outcome, Why(result)));
        Assert.Equal(before, after);
    }

    [Fact]
    public void RestoreThatDoesNotEnd_LeavesItsClosedNamespaceAndSaysSo()
    {
        var left = 0;
        var result = (Drill("veleroBackup: {}") with
        {
            Before = (_, client) => OrderAsync(client, TwinAnnotations.VeleroRestore, "slow=2h"),
            After = async (_, client) => left = (await client.ListAsync(Resources.Namespaces, null)).Items.Count(n => n.Metadata.Name!.StartsWith("shop-drill", StringComparison.Ordinal)),
        }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, result.Judgement.Outcome);
        Assert.False(result.Judgement.UndoComplete);
        Assert.Equal(1, left);
        Assert.Contains(result.Record.Timeline, e => e.Event is UndoFinished { Succeeded: false, Detail: var said } && said.Contains("cannot be stopped in the middle", StringComparison.Ordinal));
    }

    [Fact]
    public void LateVolumes_AreWaitedForAfterCompleted()
    {
        var result = (Drill("veleroBackup: { volumesByFiles: true }") with { Before = (_, client) => OrderAsync(client, TwinAnnotations.VeleroRestore, "late-volumes=90s") }).Run();

        Assert.Equal((DrillOutcome.Pass, null), (result.Judgement.Outcome, Why(result)));
        Assert.Contains(Checks(result), c => c is { Check: "the data of every volume is restored", Held: true, Evidence: "1 volumes" });
        var timeline = result.Record.Timeline;
        var started = timeline.First(e => e.Event is PhaseReached { Phase: PhaseNames.RestoreStarted }).At;
        Assert.True(timeline.First(e => e.Event is PhaseReached { Phase: PhaseNames.Restored }).At - started > TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void OldServer_Verified_PassesWithoutVolumesAndCannotKnowWithThem()
    {
        var old = WithVelero with { VeleroVersion = "v1.3.2" };
        var plain = (Drill("veleroBackup: {}") with { Twin = old, Manifest = TwinDrill.Shop }).Run();
        Assert.Equal((DrillOutcome.Pass, null), (plain.Judgement.Outcome, Why(plain)));

        var volumes = (Drill("veleroBackup: {}") with { Twin = old }).Run();
        Assert.Equal(DrillOutcome.Inconclusive, volumes.Judgement.Outcome);
        Assert.Contains("this Velero hands out no BackupVolumeInfos", Why(volumes), StringComparison.Ordinal);
    }

    [Fact]
    public void ObjectAlteredBehindTheDrillsBack_IsSeen()
    {
        var result = (Drill("veleroBackup: {}") with
        {
            Meanwhile = async (_, clock, client, _) =>
            {
                while (clock.Elapsed < TimeSpan.FromMinutes(5))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), clock);
                    var found = (await client.ListAsync(Resources.ConfigMaps, null)).Items.FirstOrDefault(m => m.Metadata.Name == "settings" && m.Metadata.Namespace != "shop");
                    if (found is not null)
                    {
                        await client.PatchAsync(Resources.ConfigMaps, found.Metadata.Namespace, "settings", Patch.Merge(JsonNode.Parse("""{"data":{"CURRENCY":"USD"}}""")!));
                        return;
                    }
                }
            },
        }).Run();
        Assert.Equal(DrillOutcome.Fail, result.Judgement.Outcome);
        Assert.Contains(Checks(result), c => c is { Held: false } && c.Evidence.Contains("data.CURRENCY: backup \"EUR\", restored \"USD\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Aborted_InTheMiddle_LeavesNothing()
    {
        IReadOnlyList<string>? before = null, after = null;
        var result = (Drill("veleroBackup: {}") with
        {
            Before = async (_, client) => before = await PictureAsync(client),
            Meanwhile = async (_, clock, client, abort) =>
            {
                while (!(await client.ListAsync(Resources.Pods, null)).Items.Any(p => p.Metadata.Namespace!.StartsWith("shop-drill-", StringComparison.Ordinal)))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), clock);
                }

                abort.Abort("Ctrl-C");
            },
            After = async (_, client) => after = await PictureAsync(client),
        }).Run();
        Assert.Equal(DrillOutcome.Aborted, result.Judgement.Outcome);
        Assert.True(result.Judgement.UndoComplete);
        Assert.Equal(before, after);
    }
}
