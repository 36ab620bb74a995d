using System.Text.Json;
using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Objects;

public sealed class RecordedObjectTests
{
    [Fact]
    public void Pod_OfAForceKill_ReadsIdentityOwnersAndReadiness()
    {
        var events = Recording.Events("pod-kill", Resources.Pods).ToList();
        var (type, victim) = events[0];
        Assert.Equal("MODIFIED", type);
        Assert.Equal("a-7d6bd9865c-clp6c", victim.Metadata.Name);
        Assert.Equal("1a82f368-486f-4b45-a0ef-4144c1a4a3ed", victim.Metadata.Uid);
        Assert.True(victim.IsTerminating);
        Assert.True(victim.IsReady);
        Assert.Equal("ReplicaSet", victim.Metadata.Controller!.Kind);
        Assert.Equal("a", victim.Metadata.Labels["app"]);
        var container = Assert.Single(victim.Spec.Containers);
        Assert.Equal("registry.example/app:1.0", container.Image);
        Assert.Equal(8080, Assert.Single(container.Ports).Port);
        Assert.Equal("100m", container.Resources.Requests["cpu"]);
        Assert.Equal(2, victim.Spec.TerminationGracePeriodSeconds);
        Assert.Equal(300, victim.Spec.Tolerations[0].TolerationSeconds);
        Assert.NotNull(Assert.Single(victim.Status.ContainerStatuses).State.Running!.StartedAt);

        var fresh = events.First(item => item.Type == "ADDED").Object;
        Assert.NotEqual(victim.Metadata.Uid, fresh.Metadata.Uid);
        Assert.False(fresh.IsReady);
        Assert.Null(fresh.Spec.NodeName);
        Assert.Empty(fresh.Status.ContainerStatuses);
        Assert.Contains(events, item => item.Object.Metadata.Uid == fresh.Metadata.Uid && item.Object.IsReady);
    }

    [Fact]
    public void Workloads_OfAForceKill_ReadTheirStatus()
    {
        var deployment = Recording.Events("pod-kill", Resources.Deployments).First().Object;
        Assert.Equal(3, deployment.Spec.Replicas);
        Assert.Equal(1, deployment.Status.UnavailableReplicas);
        Assert.True(deployment.Spec.Selector.Matches(deployment.Spec.Template.Metadata.Labels));
        var replicas = Recording.Events("pod-kill", Resources.ReplicaSets).Last().Object;
        Assert.Equal(3, replicas.Spec.Replicas);
        var slice = Recording.Events("pod-kill", Resources.EndpointSlices).First().Object;
        Assert.Equal("a", slice.Metadata.Labels[EndpointSlice.ServiceNameLabel]);
        Assert.Contains(slice.Endpoints, endpoint => endpoint.TargetRef!.Kind == "Pod" && endpoint.Conditions.Ready == true);
        var happening = Recording.Events("pod-kill", Resources.Events).First().Object;
        Assert.Equal("SuccessfulCreate", happening.Reason);
        Assert.Equal("ReplicaSet", happening.InvolvedObject!.Kind);
    }

    [Fact]
    public void Node_ThatFailed_ReadsConditionsAndTaints()
    {
        var nodes = Recording.Events("node-failure", Resources.Nodes).Select(item => item.Object).ToList();
        Assert.False(nodes[0].IsReady);
        Assert.Contains(nodes[0].Status.Conditions, condition => condition is { Type: "Ready", Status: "Unknown", Reason: "NodeStatusUnknown" });
        Assert.Contains(nodes.SelectMany(node => node.Spec.Taints), taint => taint is { Key: "node.kubernetes.io/unreachable", Effect: "NoExecute", TimeAdded: not null });
    }

    [Fact]
    public void Namespace_ThatIsEnding_ReadsPhaseAndFinalizers()
    {
        var ending = Recording.Events("namespace-delete", Resources.Namespaces).First(item => item.Object.Status.Phase == "Terminating").Object;
        Assert.NotNull(ending.Metadata.DeletionTimestamp);
    }

    [Fact]
    public void Lease_WrittenAndRead_KeepsSixDecimals()
    {
        var exchange = Recording.Exchange("crud", line => Recording.RequestPath(line).EndsWith("/leases", StringComparison.Ordinal));
        var lease = exchange.GetProperty("response").GetProperty("body").Deserialize(Resources.Leases.TypeInfo)!;
        Assert.Equal("a", lease.Spec.HolderIdentity);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero), lease.Spec.RenewTime);
        var renewed = lease with { Spec = lease.Spec with { RenewTime = new DateTimeOffset(2026, 11, 21, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1234567) } };
        var json = JsonSerializer.Serialize(renewed, Resources.Leases.TypeInfo);
        Assert.Contains("\"renewTime\":\"2026-11-21T03:06:07.123456Z\"", json, StringComparison.Ordinal);
        Assert.Contains("\"acquireTime\":\"2026-11-21T00:00:00.000000Z\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("null", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_WithoutTheirMembers_ReadAsEmptyNotNull()
    {
        foreach (var json in new[] { "{}", """{"metadata":null,"spec":null,"status":null}""", """{"metadata":{"labels":null,"ownerReferences":null},"spec":{"containers":null},"status":{"conditions":null}}""" })
        {
            var pod = JsonSerializer.Deserialize(json, Resources.Pods.TypeInfo)!;
            Assert.Empty(pod.Metadata.Labels);
            Assert.Empty(pod.Metadata.OwnerReferences);
            Assert.Empty(pod.Spec.Containers);
            Assert.Empty(pod.Status.Conditions);
            Assert.Equal("Pod", pod.Kind);
            Assert.False(pod.IsReady);
        }

        Assert.Empty(JsonSerializer.Deserialize("{}", Resources.Nodes.TypeInfo)!.Spec.Taints);
        Assert.Empty(JsonSerializer.Deserialize("{}", Resources.ConfigMaps.TypeInfo)!.Data);
        Assert.Empty(JsonSerializer.Deserialize("{}", Resources.EndpointSlices.TypeInfo)!.Endpoints);
    }

    [Fact]
    public void Service_WithNamedAndNumberedPorts_ReadsBoth()
    {
        var service = JsonSerializer.Deserialize(
            """{"spec":{"ports":[{"port":80,"targetPort":"web"},{"port":81,"targetPort":8081}],"later":{"unknown":true}}}""", Resources.Services.TypeInfo)!;
        Assert.Equal([new IntOrString(null, "web"), new IntOrString(8081, null)], service.Spec.Ports.Select(port => port.TargetPort!.Value));
    }

    [Fact]
    public void Secret_Printed_ShowsNoValue()
    {
        var secret = JsonSerializer.Deserialize("""{"metadata":{"name":"s","namespace":"n"},"data":{"k":"aHVudGVyMg=="}}""", Resources.Secrets.TypeInfo)!;
        Assert.Equal("Secret n/s", secret.ToString());
    }

    [Theory]
    [InlineData("a=1", true)]
    [InlineData("a=2", false)]
    public void LabelSelector_WithRequirements_MatchesAndPrints(string label, bool matches)
    {
        var selector = JsonSerializer.Deserialize(
            """{"matchExpressions":[{"key":"a","operator":"In","values":["1","3"]},{"key":"b","operator":"DoesNotExist"}]}""",
            KubernetesJson.Default.LabelSelector)!;
        var parts = label.Split('=');
        Assert.Equal(matches, selector.Matches(new Dictionary<string, string> { [parts[0]] = parts[1] }));
        Assert.Equal("a in (1,3),!b", selector.ToString());
    }
}
