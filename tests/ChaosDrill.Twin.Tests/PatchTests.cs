using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Tests;

public sealed class PatchTests
{
    private const string Path = "/apis/apps/v1/namespaces/default/deployments/a";

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"b","$patch":"delete"}]}}""", """{"spec":{"containers":[{"name":"a","image":"1"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}}""", """{"spec":{"containers":[{"name":"c"}]}}""")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","image":"2"}]}}""", """{"spec":{"containers":[{"name":"b","image":"1"},{"name":"a","image":"2"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"c"}]}}""", """{"spec":{"containers":[{"name":"c"},{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"b","image":"2"},{"name":"c"}]}}""", """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":null}]}}""", """{"spec":{"containers":[{"name":"a"},{"name":"b","image":"1"}]}}""")]
    [InlineData("""{"spec":{"$retainKeys":["type"],"type":"x"}}""", """{"spec":{"type":"x"}}""")]
    [InlineData("""{"spec":{"$patch":"delete"}}""", "{}")]
    [InlineData("""{"spec":{"$patch":"replace","type":"y"}}""", """{"spec":{"type":"y"}}""")]
    public void StrategicMerge_WithDirectives_DoesAsTheySay(string patch, string expected)
    {
        var target = (JsonObject)JsonNode.Parse("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""")!;
        Assert.Equal(expected, StrategicMergePatch.Apply(target, (JsonObject)JsonNode.Parse(patch)!).ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/a/-","value":3}]""", """{"a":[1,2,3],"b/c":1}""")]
    [InlineData("""[{"op":"remove","path":"/b~1c"},{"op":"move","from":"/a/0","path":"/x"}]""", """{"a":[2],"x":1}""")]
    [InlineData("""[{"op":"copy","from":"/a/1","path":"/a/0"},{"op":"test","path":"/a/0","value":2}]""", """{"a":[2,1,2],"b/c":1}""")]
    public void JsonPatch_OfEachKind_IsApplied(string patch, string expected)
    {
        var target = (JsonObject)JsonNode.Parse("""{"a":[1,2],"b/c":1}""")!;
        Assert.Equal(expected, JsonPatch.Apply(target, (JsonArray)JsonNode.Parse(patch)!).ToJsonString());
    }

    [Fact]
    public void ServerSideApply_DroppingAField_RemovesItAndKeepsOthers() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a"));
        await ApplyAsync(run, "drill", """{"metadata":{"name":"a","labels":{"mine":"1"}},"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}]}}}}""", 200);
        var applied = await ApplyAsync(run, "drill", """{"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"B","value":"3"}]}]}}}}""", 200);
        Assert.Null(applied["metadata"]!["labels"]);
        Assert.Equal("""[{"name":"B","value":"3"}]""", applied["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.ToJsonString());
        Assert.Equal("registry.example/app:1", (string?)applied["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
        var refused = await ApplyAsync(run, "other", """{"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"B","value":"4"}]}]}}}}""", 409);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"drill\": .spec.template.spec.containers[name=\"app\"].env[name=\"B\"].value", (string?)refused["message"]);
    });

    [Fact]
    public void Update_OfAStaleVersion_Conflicts() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply(TwinRun.Deployment("a"));
        var stale = await run.Client.GetAsync(Path);
        await run.Client.PatchAsync(Path, """{"metadata":{"annotations":{"x":"1"}}}""");
        var (status, body) = await run.Client.SendAsync("PUT", Path, stale.ToJsonString());
        Assert.Equal(409, status);
        Assert.Equal("Operation cannot be fulfilled on deployments.apps \"a\": the object has been modified; please apply your changes to the latest version and try again", (string?)body!["message"]);
    });

    [Theory]
    [InlineData("/api/v1/things", "the server could not find the requested resource")]
    [InlineData("/apis/apps/v1/namespaces/default/deployments/a/none", "the server could not find the requested resource")]
    [InlineData("/apis/none.example/v1/things", null)]
    public void Path_Unknown_IsNotFound(string path, string? message) => TwinRun.Go(async run =>
    {
        var (status, body) = await run.Client.SendAsync("GET", path);
        Assert.Equal(404, status);
        Assert.Equal(message, (string?)(body as JsonObject)?["message"]);
    });

    [Fact]
    public void Strict_UnknownField_IsNamed() => TwinRun.Go(async run =>
    {
        var (status, body) = await run.Client.SendAsync("POST", "/api/v1/namespaces/default/configmaps?fieldValidation=Strict",
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","lables":{}},"dota":{}}""");
        Assert.Equal(400, status);
        Assert.Equal("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"metadata.lables\", unknown field \"dota\"", (string?)body!["message"]);
    });

    private static async Task<JsonObject> ApplyAsync(TwinRun run, string manager, string body, int expected)
    {
        var json = (JsonObject)JsonNode.Parse(body)!;
        json["apiVersion"] = "apps/v1";
        json["kind"] = "Deployment";
        var (status, answer) = await run.Client.SendAsync("PATCH", $"{Path}?fieldManager={manager}", json.ToJsonString(), "application/apply-patch+yaml");
        Assert.True(status == expected, $"{status} {answer}");
        return (JsonObject)answer!;
    }
}
