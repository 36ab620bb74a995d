using System.Text.Json;
using ChaosDrill.Actions.Preflight;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using Xunit;

namespace ChaosDrill.Actions.Tests.Preflight;

/// <summary>Whether pods would fit on the nodes that are left.</summary>
public sealed class CapacityForecastTests
{
    [Theory]
    [InlineData("1500m", Outlook.Fine, "2 pods fit on the 2 other nodes")]
    [InlineData("2", Outlook.Fine, "2 pods fit on the 2 other nodes")]
    [InlineData("2001m", Outlook.Warning, "shop/a fits on no other node: 2 Insufficient cpu")]
    public void Requests_OfCpu_AreSummedUp(string cpu, Outlook outlook, string message)
    {
        var forecast = CapacityForecast.Of([Pod("a", cpu), Pod("b", cpu)], [Node("x"), Node("y")], []).First();

        Assert.Equal((outlook, message), (forecast.Outlook, forecast.Message));
    }

    [Fact]
    public void Pods_ThatFitOneByOneButNotTogether_AreCounted()
    {
        var forecast = Assert.Single(CapacityForecast.Of([Pod("a", "1500m"), Pod("b", "1500m"), Pod("c", "1500m")], [Node("x"), Node("y")], []));

        Assert.Equal((Outlook.Warning, "there is room for 2 of 3 pods on the other nodes; shop/c would be left over"), (forecast.Outlook, forecast.Message));
    }

    [Fact]
    public void Pods_ThatAreThereAlready_TakeRoom() =>
        Assert.Equal(Outlook.Warning, Assert.Single(CapacityForecast.Of([Pod("a", "1500m")], [Node("x")], [Pod("old", "1", node: "x")])).Outlook);

    [Fact]
    public void Node_ThatIsFullOfPods_TakesNone() => Assert.Equal(
        "shop/a fits on no other node: 1 Too many pods",
        Assert.Single(CapacityForecast.Of([Pod("a", "0")], [Node("x", """ "allocatable": { "cpu": "2", "pods": "1" } """)], [Pod("old", "0", node: "x")])).Message);

    [Theory]
    [InlineData("\"unschedulable\": true", "", "node(s) were unschedulable")]
    [InlineData("\"taints\": [ { \"key\": \"gpu\", \"effect\": \"NoSchedule\" } ]", "", "node(s) had untolerated taint gpu")]
    [InlineData("\"taints\": [ { \"key\": \"gpu\", \"effect\": \"NoSchedule\" } ]", "\"tolerations\": [ { \"key\": \"gpu\", \"operator\": \"Exists\" } ],", null)]
    [InlineData("\"taints\": [ { \"key\": \"gpu\", \"effect\": \"PreferNoSchedule\" } ]", "", null)]
    [InlineData("", "\"nodeSelector\": { \"zone\": \"b\" },", "node(s) didn't match Pod's node affinity/selector")]
    [InlineData("", "\"nodeSelector\": { \"zone\": \"a\" },", null)]
    [InlineData("", "\"affinity\": { \"nodeAffinity\": { \"requiredDuringSchedulingIgnoredDuringExecution\": { \"nodeSelectorTerms\": [ { \"matchExpressions\": [ { \"key\": \"zone\", \"operator\": \"NotIn\", \"values\": [\"a\"] } ] } ] } } },", "node(s) didn't match Pod's node affinity/selector")]
    public void Node_ByItsSpec_RefusesOrTakes(string nodeSpec, string podSpec, string? reason)
    {
        var forecast = Assert.Single(CapacityForecast.Of([Pod("a", "1", spec: podSpec)], [Node("x", spec: nodeSpec)], []));

        Assert.Equal(reason is null ? "1 pod fits on the 1 other node" : $"shop/a fits on no other node: 1 {reason}", forecast.Message);
    }

    [Theory]
    [InlineData("\"affinity\": { \"podAntiAffinity\": { \"requiredDuringSchedulingIgnoredDuringExecution\": [ {} ] } },", "required pod anti-affinity")]
    [InlineData("\"topologySpreadConstraints\": [ { \"whenUnsatisfiable\": \"DoNotSchedule\" } ],", "required topology spread")]
    [InlineData("\"volumes\": [ { \"name\": \"d\", \"persistentVolumeClaim\": { \"claimName\": \"c\" } } ],", "volumes that may be bound to a node")]
    public void Demand_ThatIsNotJudged_IsUnknownAndNotFine(string spec, string demand)
    {
        var forecast = Assert.Single(CapacityForecast.Of([Pod("a", "1", spec: spec)], [Node("x")], []));

        Assert.Equal((Outlook.Unknown, $"whether shop/a fits elsewhere is not known: it has {demand}"), (forecast.Outlook, forecast.Message));
    }

    [Fact]
    public void Node_TheOnlyOne_LeavesNoRoom() => Assert.Equal("shop/a fits on no other node: there is none", Assert.Single(CapacityForecast.Of([Pod("a", "1")], [], [])).Message);

    [Theory]
    [InlineData("100m", "0.1")]
    [InlineData("64Mi", "67108864")]
    [InlineData("1.5", "1.5")]
    [InlineData("2k", "2000")]
    [InlineData("1e3", "1000")]
    [InlineData("many", null)]
    public void Quantity_AsKubernetesWritesIt_IsRead(string text, string? value) =>
        Assert.Equal(value is null ? null : decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture), Quantity.Parse(text));

    private static Pod Pod(string name, string cpu, string? node = null, string spec = "") => JsonSerializer.Deserialize<Pod>(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "shop", "uid": "{{name}}" }, "spec": { {{spec}} "nodeName": {{(node is null ? "null" : $"\"{node}\"")}}, "containers": [ { "name": "c", "resources": { "requests": { "cpu": "{{cpu}}" } } } ] } }""",
        JsonSerializerOptions.Web)!;

    private static Node Node(string name, string status = """ "allocatable": { "cpu": "2", "memory": "4Gi", "pods": "110" } """, string spec = "") => JsonSerializer.Deserialize<Node>(
        $$"""{ "metadata": { "name": "{{name}}", "labels": { "zone": "a" } }, "spec": { {{spec}} }, "status": { {{status}}, "conditions": [ { "type": "Ready", "status": "True" } ] } }""",
        JsonSerializerOptions.Web)!;
}
