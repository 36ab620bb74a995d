using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Velero;

namespace ChaosDrill.Twin.Tests;

/// <summary>The twin's Velero: phases, files, what a restore strips, and the traps that it sets as a real server does.</summary>
public sealed class VeleroTests
{
    private const string Api = "/apis/velero.io/v1/namespaces/velero";
    private const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop, labels: { team: shop } }
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: settings, namespace: shop }
        data: { CURRENCY: EUR }
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: { name: data, namespace: shop, annotations: { twin.chaosdrill.dev/volume-data: "orders=42" } }
        spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web, namespace: shop, finalizers: [example.com/keep] }
        spec:
          replicas: 2
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec: { containers: [{ name: web, image: "registry.example/web:1" }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: web, namespace: shop }
        spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, nodePort: 30080 }] }
        """;

    private static readonly TwinOptions WithVelero = new() { Velero = true };

    [Fact]
    public void Backup_OfANamespace_GoesThroughItsPhasesAndListsWhatItHolds() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        var watch = await run.Client.WatchAsync($"{Api}/backups?watch=1&resourceVersion=now");
        await CreateAsync(run, "backups", "b", """{"includedNamespaces":["shop"]}""");
        var done = await EndAsync(run, "backups", "b");

        Assert.Equal("Completed", (string?)done["status"]!["phase"]);
        Assert.Null(done["status"]!["errors"]);
        Assert.Equal((long)done["status"]!["progress"]!["totalItems"]!, (long)done["status"]!["progress"]!["itemsBackedUp"]!);
        var phases = new List<string?>();
        while (phases.LastOrDefault() != "Completed")
        {
            phases.Add((string?)(await watch.NextAsync())!.Value.Object["status"]?["phase"]);
        }

        Assert.Equal([null, "InProgress", "WaitingForPluginOperations", "Finalizing", "Completed"], phases.Distinct());
        var list = (JsonObject)(await DownloadAsync(run, "BackupResourceList", "b"))!;
        Assert.Equal("""["shop/web"]""", list["apps/v1/Deployment"]!.ToJsonString());
        Assert.Equal("""["shop"]""", list["v1/Namespace"]!.ToJsonString());
        Assert.DoesNotContain("orders=42", await ArchiveAsync(run, "b"));
        Assert.Contains("resources/deployments.apps/namespaces/shop/web.json", await ArchiveAsync(run, "b"));
    }, WithVelero);

    [Fact]
    public void Restore_IntoAnotherNamespace_BringsObjectsAndVolumesWithoutWhatVeleroStrips() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run);
        await CreateAsync(run, "restores", "r", """{"backupName":"b","includedNamespaces":["shop"],"namespaceMapping":{"shop":"scratch"}}""");
        var done = await EndAsync(run, "restores", "r");

        Assert.Equal("Completed", (string?)done["status"]!["phase"]);
        Assert.Null(done["status"]!["errors"]);
        Assert.Contains("events", done["spec"]!["excludedResources"]!.AsArray().Select(e => (string?)e));
        await run.Delay(10);
        var deployment = await run.Client.GetAsync("/apis/apps/v1/namespaces/scratch/deployments/web");
        Assert.Equal("r", (string?)deployment["metadata"]!["labels"]!["velero.io/restore-name"]);
        Assert.Equal("example.com/keep", (string?)deployment["metadata"]!["finalizers"]![0]);
        Assert.Equal(2, (long)deployment["status"]!["availableReplicas"]!);
        Assert.Equal(2, (await run.ItemsAsync("/api/v1/namespaces/scratch/pods")).Count);
        Assert.Null((await run.Client.GetAsync("/api/v1/namespaces/scratch/services/web"))["spec"]!["ports"]![0]!["nodePort"]);
        var claim = await run.Client.GetAsync("/api/v1/namespaces/scratch/persistentvolumeclaims/data");
        var volume = await run.Client.GetAsync($"/api/v1/persistentvolumes/{claim["spec"]!["volumeName"]}");
        Assert.Equal("orders=42", (string?)volume["metadata"]!["annotations"]![TwinAnnotations.VolumeData]);
        var list = (JsonObject)(await DownloadAsync(run, "RestoreResourceList", "r"))!;
        Assert.Equal("""["scratch/web(created)"]""", list["apps/v1/Deployment"]!.ToJsonString());
        Assert.False(list.ContainsKey("v1/Event"));
    }, WithVelero);

    [Fact]
    public void Restore_OfAVolumeThatWasLeftOut_IsCompletedAndEmpty() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run, """{"twin.chaosdrill.dev/velero-backup":"skip-volumes"}""");
        var done = await RestoreAsync(run);

        Assert.Equal("Completed", (string?)done["status"]!["phase"]);
        Assert.Null(done["status"]!["warnings"]);
        var infos = (await DownloadAsync(run, "BackupVolumeInfos", "b"))!.AsArray();
        Assert.True((bool)infos[0]!["skipped"]!);
        var claim = await run.Client.GetAsync("/api/v1/namespaces/scratch/persistentvolumeclaims/data");
        var volume = await run.Client.GetAsync($"/api/v1/persistentvolumes/{claim["spec"]!["volumeName"]}");
        Assert.Null(volume["metadata"]!["annotations"]?[TwinAnnotations.VolumeData]);
    }, WithVelero);

    [Fact]
    public void Restore_OverWhatExists_OnlyWarnsAndCallsItFailedInItsList() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run);
        await run.Client.PatchAsync("/api/v1/namespaces/shop/configmaps/settings", """{"data":{"CURRENCY":"USD"}}""");
        await CreateAsync(run, "restores", "r", """{"backupName":"b","includedResources":["configmaps"]}""");
        var done = await EndAsync(run, "restores", "r");

        Assert.Equal(("Completed", 1L), ((string?)done["status"]!["phase"], (long)done["status"]!["warnings"]!));
        Assert.Contains("ConfigMap:settings already exists. Warning: the in-cluster version is different", (await DownloadAsync(run, "RestoreResults", "r"))!["warnings"]!["namespaces"]!["shop"]![0]!.ToString());
        Assert.Contains("shop/settings(failed)", (await DownloadAsync(run, "RestoreResourceList", "r"))!["v1/ConfigMap"]!.ToJsonString());
        Assert.Equal("USD", (string?)(await run.Client.GetAsync("/api/v1/namespaces/shop/configmaps/settings"))["data"]!["CURRENCY"]);

        await CreateAsync(run, "restores", "u", """{"backupName":"b","includedResources":["configmaps"],"existingResourcePolicy":"update"}""");
        await EndAsync(run, "restores", "u");
        Assert.Equal("EUR", (string?)(await run.Client.GetAsync("/api/v1/namespaces/shop/configmaps/settings"))["data"]!["CURRENCY"]);
    }, WithVelero);

    [Theory]
    [InlineData("partially-failed", "PartiallyFailed")]
    [InlineData("partially-failed=configmaps/settings", "PartiallyFailed")]
    [InlineData("failed-validation", "FailedValidation")]
    [InlineData("server-restart", "Failed")]
    [InlineData("empty", "Completed")]
    [InlineData("slow=2m", "Completed")]
    [InlineData("alter-object=configmaps/settings", "Completed")]
    [InlineData("drop-object=configmaps/settings", "Completed")]
    public void Restore_Ordered_EndsAsOrdered(string order, string phase) => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run, $$"""{"twin.chaosdrill.dev/velero-restore":"{{order}}"}""");
        var before = run.Clock.Elapsed;
        var status = (await RestoreAsync(run))["status"]!;

        Assert.Equal(phase, (string?)status["phase"]);
        Assert.Equal(phase == "FailedValidation", status["startTimestamp"] is null);
        switch (order)
        {
            case "partially-failed" or "partially-failed=configmaps/settings":
                Assert.Equal(1, (long)status["errors"]!);
                break;
            case "server-restart":
                Assert.Contains("during the server starting", (string?)status["failureReason"]);
                break;
            case "empty":
                Assert.Equal(1, (long)status["warnings"]!);
                break;
            case "slow=2m":
                Assert.True(run.Clock.Elapsed - before > TimeSpan.FromMinutes(2));
                break;
            case "alter-object=configmaps/settings":
                Assert.Equal("altered", (string?)(await run.Client.GetAsync("/api/v1/namespaces/scratch/configmaps/settings"))["data"]!["CURRENCY"]);
                break;
            case "drop-object=configmaps/settings":
                Assert.Equal(404, (await run.Client.SendAsync("GET", "/api/v1/namespaces/scratch/configmaps/settings")).Status);
                break;
        }
    }, WithVelero);

    [Fact]
    public void Restore_WithLateVolumes_IsCompletedBeforeTheirDataIsThere() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await CreateAsync(run, "backups", "b", """{"includedNamespaces":["shop"],"defaultVolumesToFsBackup":true}""", """{"twin.chaosdrill.dev/velero-restore":"late-volumes=30s"}""");
        await EndAsync(run, "backups", "b");
        var done = await RestoreAsync(run);

        Assert.Equal("Completed", (string?)done["status"]!["phase"]);
        var move = Assert.Single(await run.ItemsAsync($"{Api}/podvolumerestores?labelSelector=velero.io%2Frestore-name%3Dr"));
        Assert.Equal("InProgress", (string?)move["status"]!["phase"]);
        await run.Delay(31);
        Assert.Equal("Completed", (string?)Assert.Single(await run.ItemsAsync($"{Api}/podvolumerestores"))["status"]!["phase"]);
    }, WithVelero);

    [Fact]
    public void Restore_IntoATerminatingNamespace_WaitsForIt() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop.Replace(", finalizers: [example.com/keep]", "", StringComparison.Ordinal));
        await BackupAsync(run);
        await run.DeleteAsync("/api/v1/namespaces/shop");
        await CreateAsync(run, "restores", "r", """{"backupName":"b"}""");
        var done = await EndAsync(run, "restores", "r");
        Assert.Equal("Completed", (string?)done["status"]!["phase"]);
        Assert.Equal("shop", (string?)(await run.Client.GetAsync("/api/v1/namespaces/shop"))["metadata"]!["labels"]!["team"]);
    }, WithVelero);

    [Fact]
    public void Restores_AskedTogether_RunOneAfterTheOther() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run, """{"twin.chaosdrill.dev/velero-restore":"slow=10s"}""");
        await CreateAsync(run, "restores", "one", """{"backupName":"b","namespaceMapping":{"shop":"one"}}""");
        await CreateAsync(run, "restores", "two", """{"backupName":"b","namespaceMapping":{"shop":"two"}}""");
        await run.Delay(5);
        Assert.Equal("InProgress", (string?)(await run.Client.GetAsync($"{Api}/restores/one"))["status"]!["phase"]);
        Assert.Null((await run.Client.GetAsync($"{Api}/restores/two"))["status"]?["phase"]);
        await EndAsync(run, "restores", "two");
        Assert.Equal("Completed", (string?)(await run.Client.GetAsync($"{Api}/restores/one"))["status"]!["phase"]);
    }, WithVelero);

    [Fact]
    public void Restore_OfWhatIsNot_FailsValidationInTheRecordedWords() => TwinRun.Go(async run =>
    {
        await CreateAsync(run, "restores", "r", """{"backupName":"none"}""");
        var status = (await EndAsync(run, "restores", "r"))["status"]!;
        Assert.Equal("FailedValidation", (string?)status["phase"]);
        Assert.Equal("Error retrieving backup: backup.velero.io \"none\" not found", (string?)status["validationErrors"]![0]);

        await CreateAsync(run, "restores", "neither", "{}");
        Assert.Equal("FailedValidation", (string?)(await EndAsync(run, "restores", "neither"))["status"]!["phase"]);
    }, WithVelero);

    [Fact]
    public void Download_OfAFileThatIsNotThere_Answers404AndAnUnknownRunIsNeverAnswered() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run, """{"twin.chaosdrill.dev/velero-backup":"download-404"}""");
        Assert.Null(await DownloadAsync(run, "BackupResourceList", "b"));
        await CreateAsync(run, "downloadrequests", "lost", """{"target":{"kind":"RestoreLog","name":"none"}}""");
        await run.Delay(30);
        Assert.Null((await run.Client.GetAsync($"{Api}/downloadrequests/lost"))["status"]?["phase"]);
        await run.Delay(600);
        Assert.Equal(404, (await run.Client.SendAsync("GET", $"{Api}/downloadrequests/lost")).Status);
        var (status, refused) = await run.Client.SendAsync("POST", $"{Api}/downloadrequests", """{"apiVersion":"velero.io/v1","kind":"DownloadRequest","metadata":{"name":"x"},"spec":{"target":{"kind":"Nonsense","name":"b"}}}""");
        Assert.Equal(422, status);
        Assert.Contains("spec.target.kind: Unsupported value: \"Nonsense\"", (string?)refused!["message"]);
    }, WithVelero);

    [Fact]
    public void Download_WithAForgedAddress_IsRefused() => TwinRun.Go(async run =>
    {
        var (status, _) = await run.Client.SendAsync("GET", "/object-storage/velero/backups/b/b.tar.gz?X-Amz-Expires=99999999999&X-Amz-Signature=00");
        Assert.Equal(403, status);
    }, WithVelero);

    [Fact]
    public void RestoreObject_Deleted_GoesWithItsFilesAndHangsWithoutItsLocation() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run);
        await RestoreAsync(run);
        await run.Client.PatchAsync($"{Api}/backupstoragelocations/default", """{"metadata":{"annotations":{"twin.chaosdrill.dev/velero-location":"unavailable"}}}""");
        await run.Delay(1);
        Assert.Equal("Unavailable", (string?)(await run.Client.GetAsync($"{Api}/backupstoragelocations/default"))["status"]!["phase"]);
        await run.DeleteAsync($"{Api}/restores/r");
        await run.Delay(5);
        Assert.NotNull((await run.Client.GetAsync($"{Api}/restores/r"))["metadata"]!["deletionTimestamp"]);
        Assert.Equal("Completed", (string?)(await run.Client.GetAsync($"{Api}/restores/r"))["status"]!["phase"]);
    }, WithVelero);

    [Fact]
    public void Backup_ExpiredOrDeletedByRequest_IsGoneWithItsFiles() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await CreateAsync(run, "backups", "short", """{"includedNamespaces":["shop"],"ttl":"1m"}""");
        await EndAsync(run, "backups", "short");
        await BackupAsync(run);
        await run.Delay(70);
        Assert.Equal(404, (await run.Client.SendAsync("GET", $"{Api}/backups/short")).Status);
        await CreateAsync(run, "deletebackuprequests", "d", """{"backupName":"b"}""");
        await run.Delay(1);
        Assert.Equal(404, (await run.Client.SendAsync("GET", $"{Api}/backups/b")).Status);
    }, WithVelero);

    [Fact]
    public void Schedule_Every_MakesNamedAndLabelledBackups() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await CreateAsync(run, "schedules", "daily", """{"schedule":"@every 1h","template":{"includedNamespaces":["shop"]}}""");
        await run.Delay(2 * 3600 + 60);
        var backups = await run.ItemsAsync($"{Api}/backups?labelSelector=velero.io%2Fschedule-name%3Ddaily");
        Assert.Equal(2, backups.Count);
        Assert.All(backups, b => Assert.Equal("Completed", (string?)b["status"]!["phase"]));
        Assert.Matches("^daily-[0-9]{14}$", (string?)backups[0]["metadata"]!["name"]);
    }, WithVelero);

    [Fact]
    public void Schedule_OfCronFields_MakesABackupWhenTheyAreDue() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await CreateAsync(run, "schedules", "nightly", """{"schedule":"30 2 * * *","template":{"includedNamespaces":["shop"]}}""");
        await CreateAsync(run, "schedules", "wrong", """{"schedule":"30 2 * *","template":{}}""");
        await run.Delay(2 * 86400);
        var backups = await run.ItemsAsync($"{Api}/backups?labelSelector=velero.io%2Fschedule-name%3Dnightly");
        Assert.Equal(["nightly-20260101023000", "nightly-20260102023000"], backups.Select(b => (string?)b["metadata"]!["name"]));
        var wrong = await run.Client.GetAsync($"{Api}/schedules/wrong");
        Assert.Equal("FailedValidation", (string?)wrong["status"]!["phase"]);
        Assert.Contains("expected exactly 5 fields, found 4", wrong["status"]!["validationErrors"]!.ToString(), StringComparison.Ordinal);
    }, WithVelero);

    [Theory]
    [InlineData("0 3 * * *", "2026-01-01T00:00:00Z", "2026-01-01T03:00:00Z")]
    [InlineData("0 3 * * *", "2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z")]
    [InlineData("*/15 * * * *", "2026-01-01T00:16:10Z", "2026-01-01T00:30:00Z")]
    [InlineData("0 4 * * mon-fri", "2026-01-02T05:00:00Z", "2026-01-05T04:00:00Z")]
    [InlineData("0 0 13 * fri", "2026-01-03T00:00:00Z", "2026-01-09T00:00:00Z")]
    [InlineData("0 0 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("5,10 1-2 * * *", "2026-01-01T01:10:00Z", "2026-01-01T02:05:00Z")]
    [InlineData("@monthly", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")]
    public void Cron_After_IsTheNextTime(string text, string instant, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, CultureInfo.InvariantCulture), CronSchedule.Parse(text).After(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("")]
    [InlineData("60 * * * *")]
    [InlineData("* * * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("x * * * *")]
    [InlineData("@reboot")]
    [InlineData("@every 0s")]
    [InlineData("CRON_TZ=UTC 0 3 * * *")]
    public void Cron_ThatIsNone_IsRefused(string text) => Assert.Throws<FormatException>(() => CronSchedule.Parse(text));

    [Fact]
    public void Bucket_OnAFolder_OutlastsTheTwinAndIsRestoredByAnother()
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-bucket-").FullName;
        try
        {
            var shared = WithVelero with { VeleroBucket = folder };
            TwinRun.Go(async run =>
            {
                await run.SettleAsync(Shop);
                await BackupAsync(run);
            }, shared);
            TwinRun.Go(async run =>
            {
                await run.SettleAsync("apiVersion: v1\nkind: Namespace\nmetadata: { name: elsewhere }\n");
                await run.Delay(61);
                var backup = Assert.Single(await run.ItemsAsync($"{Api}/backups"));
                Assert.Equal("Completed", (string?)backup["status"]!["phase"]);
                var restore = await RestoreAsync(run);
                Assert.Equal("Completed", (string?)restore["status"]!["phase"]);
                Assert.Equal(200, (await run.Client.SendAsync("GET", "/apis/apps/v1/namespaces/scratch/deployments/web")).Status);
                Assert.Contains("42", string.Concat(await run.ItemsAsync("/api/v1/persistentvolumes")), StringComparison.Ordinal);

                Directory.Delete(Path.Combine(folder, "velero", "backups"), recursive: true);
                await run.Delay(61);
                Assert.Empty(await run.ItemsAsync($"{Api}/backups"));
            }, shared);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void OldServer_Asked_KnowsOnlyTheRecordedFields() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Shop);
        await BackupAsync(run);
        var restore = await RestoreAsync(run);
        Assert.Equal("""{"phase":"Completed"}""", restore["status"]!.ToJsonString());
        Assert.Null((await run.Client.GetAsync($"{Api}/backupstoragelocations/default"))["status"]!["phase"]);
        var (status, _) = await run.Client.SendAsync("POST", $"{Api}/downloadrequests", """{"apiVersion":"velero.io/v1","kind":"DownloadRequest","metadata":{"name":"x"},"spec":{"target":{"kind":"RestoreResourceList","name":"r"}}}""");
        Assert.Equal(422, status);
        await CreateAsync(run, "serverstatusrequests", "s", "{}");
        await run.Delay(1);
        Assert.Equal("v1.3.2", (string?)(await run.Client.GetAsync($"{Api}/serverstatusrequests/s"))["status"]!["serverVersion"]);
    }, WithVelero with { VeleroVersion = "v1.3.2" });

    [Fact]
    public async Task Download_OverHttps_NeedsNoCredentialsButTheLocationsAuthority()
    {
        await using var cluster = new TwinCluster(new TwinOptions { Velero = true });
        cluster.Start();
        cluster.Apply(Shop);
        await using var server = await cluster.ServeAsync();
        using var client = new TwinClient(cluster);
        await client.SendAsync("POST", $"{Api}/backups", """{"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"b"},"spec":{"includedNamespaces":["shop"]}}""");
        await cluster.WaitUntilSettledAsync(TimeSpan.FromSeconds(30));
        await client.SendAsync("POST", $"{Api}/downloadrequests", """{"apiVersion":"velero.io/v1","kind":"DownloadRequest","metadata":{"name":"x"},"spec":{"target":{"kind":"BackupContents","name":"b"}}}""");
        string? url;
        while ((url = (string?)(await client.GetAsync($"{Api}/downloadrequests/x"))["status"]?["downloadURL"]) is null)
        {
            await Task.Yield();
        }

        var pem = Convert.FromBase64String((string)(await client.GetAsync($"{Api}/backupstoragelocations/default"))["spec"]!["objectStorage"]!["caCert"]!);
        Assert.Equal(server.AuthorityPem, Encoding.ASCII.GetString(pem));
        using var authority = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority },
                },
            },
        });
        Assert.StartsWith(server.Url.GetLeftPart(UriPartial.Authority), url, StringComparison.Ordinal);
        Assert.NotEmpty(await http.GetByteArrayAsync(new Uri(url)));
    }

    private static async Task CreateAsync(TwinRun run, string plural, string name, string spec, string annotations = "{}")
    {
        var kind = plural switch
        {
            "backups" => "Backup", "restores" => "Restore", "downloadrequests" => "DownloadRequest", "deletebackuprequests" => "DeleteBackupRequest",
            "schedules" => "Schedule", _ => "ServerStatusRequest",
        };
        var (status, answer) = await run.Client.SendAsync("POST", $"{Api}/{plural}",
            $$"""{"apiVersion":"velero.io/v1","kind":"{{kind}}","metadata":{"name":"{{name}}","annotations":{{annotations}} },"spec":{{spec}} }""");
        Assert.True(status == 201, $"{status} {answer}");
    }

    private static async Task<JsonObject> EndAsync(TwinRun run, string plural, string name)
    {
        while (true)
        {
            var found = await run.Client.GetAsync($"{Api}/{plural}/{name}");
            if ((string?)found["status"]?["phase"] is "Completed" or "PartiallyFailed" or "Failed" or "FailedValidation")
            {
                return found;
            }

            Assert.True(run.Clock.Elapsed < TimeSpan.FromHours(3), found.ToJsonString());
            await run.Delay(0.5);
        }
    }

    private static async Task BackupAsync(TwinRun run, string annotations = "{}")
    {
        await CreateAsync(run, "backups", "b", """{"includedNamespaces":["shop"]}""", annotations);
        await EndAsync(run, "backups", "b");
    }

    private static async Task<JsonObject> RestoreAsync(TwinRun run)
    {
        await CreateAsync(run, "restores", "r", """{"backupName":"b","includedNamespaces":["shop"],"namespaceMapping":{"shop":"scratch"}}""");
        return await EndAsync(run, "restores", "r");
    }

    private static async Task<byte[]?> FetchAsync(TwinRun run, string kind, string name)
    {
        var request = $"{kind}-{name}".ToLowerInvariant();
        await CreateAsync(run, "downloadrequests", request, new JsonObject { ["target"] = new JsonObject { ["kind"] = kind, ["name"] = name } }.ToJsonString());
        await run.Delay(1);
        var url = (string)(await run.Client.GetAsync($"{Api}/downloadrequests/{request}"))["status"]!["downloadURL"]!;
        using var http = new HttpMessageInvoker(run.Cluster.CreateHandler());
        using var get = new HttpRequestMessage(HttpMethod.Get, new Uri(url));
        using var answer = await http.SendAsync(get, CancellationToken.None);
        Assert.True((int)answer.StatusCode is 200 or 404, $"{answer.StatusCode}");
        return (int)answer.StatusCode == 404 ? null : await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<JsonNode?> DownloadAsync(TwinRun run, string kind, string name)
    {
        if (await FetchAsync(run, kind, name) is not { } packed)
        {
            return null;
        }

        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        return JsonNode.Parse(gzip);
    }

    private static async Task<string> ArchiveAsync(TwinRun run, string name)
    {
        using var gzip = new GZipStream(new MemoryStream((await FetchAsync(run, "BackupContents", name))!), CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        var text = new StringBuilder();
        while (tar.GetNextEntry() is { } entry)
        {
            using var reader = new StreamReader(entry.DataStream!);
            text.AppendLine(entry.Name).AppendLine(reader.ReadToEnd());
        }

        await run.Client.SendAsync("DELETE", $"{Api}/downloadrequests/backupcontents-{name}");
        return text.ToString();
    }
}
