namespace ChaosDrill.Twin.Tests;

public sealed class ManifestTests
{
    [Theory]
    [InlineData("a: [", "line 2, column 1: While parsing a node")]
    [InlineData("a: 1\na: 2", "line 2, column 1: Duplicate key")]
    [InlineData("apiVersion: v1\n\tkind: Pod", "line 2, column ")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ok, namespace: default }\n---\napiVersion: v2\nkind: Thing", "document 2 (line 5): the twin has no kind \"Thing\" in \"v2\"; it has ConfigMap (v1), ")]
    [InlineData("kind: Pod", "document 1 (line 1): apiVersion is missing.")]
    [InlineData("apiVersion: v1", "document 1 (line 1): kind is missing.")]
    [InlineData("- 1", "document 1 (line 1): found Array, expected an object with apiVersion, kind and metadata.")]
    [InlineData("apiVersion: v1\nkind: ConfigMap", "document 1 (line 1): ConfigMap has no metadata.name.")]
    [InlineData("{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: none } }", "document 1 (line 1): namespaces \"none\" not found")]
    [InlineData("{ apiVersion: v1, kind: Pod, metadata: { name: a } }", "document 1 (line 1): Pod \"a\" is invalid: spec.containers: Required value")]
    public void Manifest_ThatIsWrong_IsRefusedWithDocumentAndLine(string yaml, string expected) => TwinRun.Go(run =>
    {
        var refused = Assert.Throws<TwinManifestException>(() => run.Cluster.Apply(yaml));
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void Manifest_AppliedTwice_ChangesWhatItSays() => TwinRun.Go(async run =>
    {
        run.Cluster.Apply("{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: default, labels: { x: y } }, data: { k: \"1\" } }");
        run.Cluster.Apply("{ apiVersion: v1, kind: List, items: [ { apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: default }, data: { k: \"2\" } } ] }");
        var map = await run.Client.GetAsync("/api/v1/namespaces/default/configmaps/a");
        Assert.Equal("2", (string?)map["data"]!["k"]);
        Assert.Equal("y", (string?)map["metadata"]!["labels"]!["x"]);
    });
}
