using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Requests;

public sealed class RequestTests
{
    [Fact]
    public async Task List_OfTwoRecordedPages_FollowsContinue()
    {
        var pages = Recording.Read("crud").Where(line => Recording.Note(line).StartsWith("page", StringComparison.Ordinal)).ToList();
        var end = """{"metadata":{"resourceVersion":"1974"},"items":[]}""";
        var server = ScriptedServer.InTurn(() => Recording.Answer(pages[0]), () => Recording.Answer(pages[1]), () => ScriptedServer.Json(end));
        var list = await server.Client().ListAsync(Resources.Pods, "rec-crud", new ListOptions { Limit = 2, LabelSelector = "app=a", FieldSelector = "spec.nodeName=n" });
        Assert.Equal(4, list.Items.Count);
        Assert.Equal(4, list.Items.Select(pod => pod.Metadata.Uid).Distinct().Count());
        Assert.Equal("1974", list.ResourceVersion);
        Assert.Equal("?labelSelector=app=a&fieldSelector=spec.nodeName=n&limit=2", server.Requests[0].Query);
        Assert.Equal("/api/v1/namespaces/rec-crud/pods?limit=2" + server.Requests[1].Query[server.Requests[1].Query.IndexOf("&continue", StringComparison.Ordinal)..],
            Recording.RequestPath(pages[1]));
    }

    [Fact]
    public async Task List_WhosePagesExpire_BeginsAgainAndThenAsksForAll()
    {
        var first = """{"metadata":{"resourceVersion":"5","continue":"c"},"items":[{"metadata":{"name":"a"}}]}""";
        var gone = ScriptedServer.Status(410, "Expired", "The provided continue parameter is too old");
        var whole = """{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}""";
        var server = ScriptedServer.InTurn(
            () => ScriptedServer.Json(first), () => ScriptedServer.Json(gone, 410), () => ScriptedServer.Json(first), () => ScriptedServer.Json(gone, 410), () => ScriptedServer.Json(whole));
        var list = await server.Client().ListAsync(Resources.Pods, null);
        Assert.Equal(["a", "b"], list.Items.Select(pod => pod.Metadata.Name));
        Assert.Equal("9", list.ResourceVersion);
        Assert.Equal(["?limit=500", "?limit=500&continue=c", "?limit=500", "?limit=500&continue=c", ""], server.Requests.Select(request => request.Query));
        Assert.All(server.Requests, request => Assert.Equal("/api/v1/pods", request.Path));
    }

    [Fact]
    public async Task Find_OfWhatIsNotThere_IsNull()
    {
        var missing = Recording.Exchange("errors", line => Recording.Note(line) == "missing object");
        Assert.Null(await ScriptedServer.InTurn(() => Recording.Answer(missing)).Client().FindAsync(Resources.Deployments, "n", "none"));
        var json = Resources.Any("apps", "v1", "deployments", "Deployment", true);
        var found = await ScriptedServer.InTurn(() => Recording.Answer(missing)).Client().FindAsync(json, "n", "none");
        Assert.Equal(JsonValueKind.Undefined, found.ValueKind);
    }

    [Fact]
    public async Task Find_InAnApiThatIsMissing_Throws()
    {
        var missing = Recording.Exchange("errors", line => Recording.Note(line) == "missing API");
        await Assert.ThrowsAsync<ApiException>(() => ScriptedServer.InTurn(() => Recording.Answer(missing)).Client().FindAsync(Resources.Deployments, "n", "none"));
    }

    [Fact]
    public async Task BeforeChange_ThatThrows_KeepsEveryChangeFromBeingSentAndLetsEverybodyLook()
    {
        var server = new ScriptedServer(_ => ScriptedServer.Json("""{"metadata":{"name":"a"}}"""));
        var client = new KubernetesClient(ScriptedServer.Address, server, new ManualClock()) { BeforeChange = () => throw new InvalidOperationException("fenced") };
        await client.FindAsync(Resources.Pods, "n", "a");
        var pod = await client.GetAsync(Resources.Pods, "n", "a");
        foreach (var change in new Func<Task>[]
        {
            () => client.CreateAsync(Resources.Pods, "n", pod, null),
            () => client.ReplaceAsync(Resources.Pods, "n", pod, null),
            () => client.DeleteAsync(Resources.Pods, "n", "a", new DeleteOptions()),
            () => client.ExecAsync("n", "a", new ExecOptions { Command = ["true"], TimeLimit = TimeSpan.FromSeconds(1) }),
        })
        {
            Assert.Equal("fenced", (await Assert.ThrowsAsync<InvalidOperationException>(change)).Message);
        }

        Assert.All(server.Requests, request => Assert.Equal("GET", request.Method));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Patch_OfEachKind_IsSentAsTheServerWantsIt()
    {
        var server = new ScriptedServer(_ => ScriptedServer.Json("{}"));
        var client = server.Client();
        await client.PatchAsync(Resources.Deployments, "n", "d", Patch.Json(JsonPatchOperation.Test("/metadata/uid", "u"), JsonPatchOperation.Replace("/a", null), JsonPatchOperation.Remove("/b")));
        await client.PatchAsync(Resources.Deployments, "n", "d", Patch.Merge(new JsonObject { ["a"] = null }), new PatchOptions { DryRun = true, FieldManager = "me" });
        await client.PatchAsync(Resources.Nodes, null, "n1", Patch.StrategicMerge(new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = true } }));
        await client.PatchAsync(Resources.ConfigMaps, "n", "c", Patch.Apply(new JsonObject { ["kind"] = "ConfigMap" }), new PatchOptions { Force = true });
        await client.PatchStatusAsync(Resources.Deployments, "n", "d", Patch.Merge(new JsonObject()));
        Assert.Equal(
            [
                """PATCH /apis/apps/v1/namespaces/n/deployments/d application/json-patch+json [{"op":"test","path":"/metadata/uid","value":"u"},{"op":"replace","path":"/a","value":null},{"op":"remove","path":"/b"}]""",
                """PATCH /apis/apps/v1/namespaces/n/deployments/d?dryRun=All&fieldManager=me application/merge-patch+json {"a":null}""",
                """PATCH /api/v1/nodes/n1 application/strategic-merge-patch+json {"spec":{"unschedulable":true}}""",
                """PATCH /api/v1/namespaces/n/configmaps/c?fieldManager=chaosdrill&force=true application/apply-patch+yaml {"kind":"ConfigMap"}""",
                """PATCH /apis/apps/v1/namespaces/n/deployments/d/status application/merge-patch+json {}""",
            ],
            server.Requests.Select(Line));
    }

    [Fact]
    public async Task Delete_WithOptions_SendsThemInTheBody()
    {
        var server = new ScriptedServer(_ => ScriptedServer.Json("{}"));
        var client = server.Client();
        await client.DeleteAsync(Resources.Pods, "n", "p");
        await client.DeleteAsync(Resources.Pods, "n", "p", new DeleteOptions { GracePeriod = TimeSpan.Zero, PreconditionUid = "u", PreconditionResourceVersion = "7" });
        await client.DeleteAsync(Resources.Deployments, "n", "d", new DeleteOptions { GracePeriod = TimeSpan.FromMilliseconds(1500), PropagationPolicy = PropagationPolicy.Foreground, DryRun = true });
        await client.DeleteAllAsync(Resources.ConfigMaps, "n", new ListOptions { LabelSelector = "a=b" });
        Assert.Equal(
            [
                "DELETE /api/v1/namespaces/n/pods/p  ",
                """DELETE /api/v1/namespaces/n/pods/p application/json {"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,"preconditions":{"uid":"u","resourceVersion":"7"}}""",
                """DELETE /apis/apps/v1/namespaces/n/deployments/d application/json {"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":2,"propagationPolicy":"Foreground","dryRun":["All"]}""",
                "DELETE /api/v1/namespaces/n/configmaps?labelSelector=a=b  ",
            ],
            server.Requests.Select(Line));
    }

    [Fact]
    public async Task Create_OfALease_SendsWhatTheRealServerTook()
    {
        var exchange = Recording.Exchange("crud", line => Recording.RequestPath(line).EndsWith("/leases", StringComparison.Ordinal));
        var server = ScriptedServer.InTurn(() => Recording.Answer(exchange));
        var start = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        var lease = await server.Client().CreateAsync(Resources.Leases, "rec-crud", new Lease
        {
            Metadata = new ObjectMeta { Name = "drill-lock" },
            Spec = new LeaseSpec { HolderIdentity = "a", LeaseDurationSeconds = 15, AcquireTime = start, RenewTime = start },
        });
        Assert.Equal("2113", lease.Metadata.ResourceVersion);
        var sent = JsonNode.Parse(server.Requests[0].Body)!.AsObject();
        foreach (var empty in new[] { "labels", "annotations", "ownerReferences", "finalizers" })
        {
            sent["metadata"]!.AsObject().Remove(empty);
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(exchange.GetProperty("request").GetProperty("body").GetRawText()), sent), sent.ToJsonString());
    }

    [Fact]
    public async Task Replace_OfJson_SendsItWhole()
    {
        var whole = """{"apiVersion":"x.io/v1","kind":"Y","metadata":{"name":"p"},"unknown":[1,2.50]}""";
        var server = ScriptedServer.InTurn(() => ScriptedServer.Json(whole));
        var resource = Resources.Any("x.io", "v1", "ys", "Y", true);
        await server.Client().ReplaceAsync(resource, "n", JsonDocument.Parse(whole).RootElement);
        Assert.Equal($"PUT /apis/x.io/v1/namespaces/n/ys/p application/json {whole}", Line(server.Requests[0]));
    }

    [Fact]
    public async Task Scale_ReadAndSet_UsesTheSubresource()
    {
        var exchanges = Recording.Read("crud").Where(line => Recording.RequestPath(line).EndsWith("/scale", StringComparison.Ordinal)).ToList();
        var server = ScriptedServer.InTurn(() => Recording.Answer(exchanges[0]), () => Recording.Answer(exchanges[1]));
        var client = server.Client();
        var before = await client.GetScaleAsync(Resources.Deployments, "rec-crud", "a");
        var after = await client.SetScaleAsync(Resources.Deployments, "rec-crud", "a", 5);
        Assert.NotEqual(before.Spec.Replicas, after.Spec.Replicas);
        Assert.Equal("""PATCH /apis/apps/v1/namespaces/rec-crud/deployments/a/scale application/merge-patch+json {"spec":{"replicas":5}}""", Line(server.Requests[1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a%2fb")]
    public async Task Name_ThatWouldLeaveItsSegment_IsRefusedBeforeAnythingIsSent(string name)
    {
        var server = new ScriptedServer(_ => ScriptedServer.Json("{}"));
        await Assert.ThrowsAsync<ArgumentException>(() => server.Client().DeleteAsync(Resources.Pods, "n", name));
        await Assert.ThrowsAsync<ArgumentException>(() => server.Client().DeleteAsync(Resources.Pods, name, "p"));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task AccessReview_AsRecorded_IsAllowed()
    {
        var exchange = Recording.Exchange("crud", line => Recording.RequestPath(line).EndsWith("selfsubjectaccessreviews", StringComparison.Ordinal));
        var denied = """{"status":{"allowed":false,"reason":"no RBAC policy matched"}}""";
        var server = ScriptedServer.InTurn(() => Recording.Answer(exchange), () => ScriptedServer.Json(denied, 201));
        var right = new AccessAttributes { Verb = "create", Resource = "pods", Subresource = "eviction", Namespace = "rec-crud" };
        Assert.True((await server.Client().ReviewAccessAsync(right)).Allowed);
        Assert.Equal(new AccessReview(false, "no RBAC policy matched"), await server.Client().ReviewAccessAsync(right));
        Assert.Equal("create pods/eviction in namespace rec-crud", right.ToString());
        Assert.Contains("\"resourceAttributes\":{\"verb\":\"create\",\"resource\":\"pods\"", server.Requests[0].Body, StringComparison.Ordinal);
        Assert.DoesNotContain("null", server.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_OfAKind_FindsItsPluralAndAsksOnce()
    {
        var apps = Recording.Exchange("discovery", line => Recording.RequestPath(line) == "/apis/apps/v1");
        var version = Recording.Exchange("discovery", line => Recording.RequestPath(line) == "/version");
        var server = new ScriptedServer(request => request.Path switch
        {
            "/apis/apps/v1" => Recording.Answer(apps),
            "/version" => Recording.Answer(version),
            _ => ScriptedServer.Text("404 page not found", 404),
        });
        var client = server.Client();
        Assert.Equal("statefulsets.apps", (await client.ResolveAsync("apps/v1", "StatefulSet")).ToString());
        Assert.True((await client.ResolveAsync("apps/v1", "Deployment")).Namespaced);
        Assert.Single(server.Requests);
        var error = await Assert.ThrowsAsync<ApiException>(() => client.ResolveAsync("apps/v1", "Scale"));
        Assert.StartsWith("no matches for kind \"Scale\" in version \"apps/v1\"", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ApiException>(() => client.ResolveAsync("velero.io/v1", "Backup"));
        Assert.Equal("v1.36.2", (await client.GetServerVersionAsync()).GitVersion[..7]);
    }

    internal static string Line(SeenRequest request) => $"{request.Method} {request.Path}{request.Query} {request.MediaType} {request.Body}";
}
