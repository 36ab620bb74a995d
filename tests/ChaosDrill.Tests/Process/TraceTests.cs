using ChaosDrill.Tests.Worker;

namespace ChaosDrill.Tests.Process;

/// <summary>Drills told to an OpenTelemetry collector, by the standard environment variables.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Fact]
    public async Task Drill_WithACollector_IsATraceWhoseStepsAreSpans()
    {
        await using var collector = await OtlpCollector.StartAsync();
        var ended = await RunAsync(
            $"export OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_SERVICE_NAME=nightly OTEL_EXPORTER_OTLP_HEADERS=x-tenant=shop OTEL_RESOURCE_ATTRIBUTES=team=sre");

        Assert.True(ended.Code == 0, ended.Out + ended.Error);
        Assert.Equal("POST /v1/traces application/x-protobuf shop", Assert.Single(collector.Asked));
        Assert.Equal(("nightly", "sre"), (collector.Resource["service.name"], collector.Resource["team"]));
        var root = Assert.Single(collector.Spans, s => s.Parent.Length == 0);
        Assert.Equal("drill storefront-pod-kill", root.Name);
        Assert.Equal(("Pass", "1"), (root.Tags["chaosdrill.outcome"], root.Status.ToString()));
        Assert.Contains(root.Tags["chaosdrill.drill.id"], ended.Out, StringComparison.Ordinal);
        var spans = collector.Spans.Where(s => s != root).OrderBy(s => s.Start).ToList();
        Assert.Equal(["steady state before", "Kill one pod", "Wait for the replacement", "steady state after", "undo"], spans.Select(s => s.Name));
        Assert.All(spans, s => Assert.Equal((root.Trace, root.Id), (s.Trace, s.Parent)));
        Assert.All(spans, s => Assert.True(s.Start >= root.Start && s.Start <= s.End && s.End <= root.End, s.ToString()));
        Assert.Equal(("podKill", "1", root.Tags["chaosdrill.drill.id"]), (spans[1].Tags["chaosdrill.step.kind"], spans[1].Tags["chaosdrill.step"], spans[1].Tags["chaosdrill.drill.id"]));
        Assert.Contains(spans[1].Events, e => e.Name == "fault took effect" && e.Tags["target"].StartsWith("Pod shop/", StringComparison.Ordinal));
        Assert.Contains(root.Events, e => e.Name == "way back written down" && e.Tags["description"].Contains("lease", StringComparison.Ordinal));
        Assert.DoesNotContain(root.Events, e => e.Name.StartsWith("probe", StringComparison.Ordinal));
        Assert.Contains(spans[4].Events, e => e.Name == "put back");
    }

    [Fact]
    public async Task Drill_WithACollectorThatSpeaksGrpc_IsTheSameTrace()
    {
        await using var collector = await OtlpCollector.StartAsync(isGrpc: true);
        var ended = await RunAsync($"export OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url} OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_HEADERS=x-tenant=shop");

        Assert.True(ended.Code == 0, ended.Out + ended.Error);
        Assert.Equal("", ended.Error);
        Assert.Equal("POST /opentelemetry.proto.collector.trace.v1.TraceService/Export application/grpc shop", Assert.Single(collector.Asked));
        var root = Assert.Single(collector.Spans, s => s.Parent.Length == 0);
        Assert.Equal(("drill storefront-pod-kill", "Pass"), (root.Name, root.Tags["chaosdrill.outcome"]));
        Assert.Equal(["steady state before", "Kill one pod", "Wait for the replacement", "steady state after", "undo"], collector.Spans.Where(s => s.Parent == root.Id).OrderBy(s => s.Start).Select(s => s.Name));
    }

    [Fact]
    public async Task Drill_CollectorThatRefusesByGrpc_SaysSoAndEndsAsItDid()
    {
        const int PermissionDenied = 7;
        await using var collector = await OtlpCollector.StartAsync(isGrpc: true, PermissionDenied);
        var ended = await RunAsync($"export OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url} OTEL_EXPORTER_OTLP_PROTOCOL=grpc");

        Assert.Equal(0, ended.Code);
        Assert.Contains("could not be sent", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_WhoseProcessDied_IsATraceOfWhoeverPutsItBack()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "5m");
        var id = field.Ask();
        using (var victim = field.Start())
        {
            await victim.UntilAsync("step ends: Done");
            victim.Signal("KILL");
            await victim.EndAsync();
        }

        using var next = field.StartLimited($"export OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf");
        var firing = await field.UntilAsync(id, f => f.State == Store.FiringState.Ended);
        next.Signal("TERM");
        Assert.Equal(0, (await next.EndAsync()).Code);

        var root = Assert.Single(collector.Spans, s => s.Parent.Length == 0);
        Assert.Equal((firing.Drill!, "Inconclusive", "2"), (root.Tags["chaosdrill.drill.id"], root.Tags["chaosdrill.outcome"], root.Status.ToString()));
        Assert.StartsWith("the process that ran it died", root.Tags["chaosdrill.reason"], StringComparison.Ordinal);
        Assert.Contains(collector.Spans, s => s.Name == "Scale to zero" && s.Parent == root.Id);
        Assert.Contains(collector.Spans.SelectMany(s => s.Events), e => e.Name == "put back");
    }

    [Fact]
    public async Task Drill_CollectorOfTracesAlone_IsTheOneThatIsTold()
    {
        await using var collector = await OtlpCollector.StartAsync();
        var ended = await RunAsync($"export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={collector.Url}/own/path OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf");

        Assert.Equal(0, ended.Code);
        Assert.StartsWith("POST /own/path ", Assert.Single(collector.Asked), StringComparison.Ordinal);
        Assert.Equal("chaosdrill", collector.Resource["service.name"]);
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED=true")]
    [InlineData("OTEL_TRACES_EXPORTER=none")]
    public async Task Drill_TracesSwitchedOff_TellsNobody(string off)
    {
        await using var collector = await OtlpCollector.StartAsync();
        var ended = await RunAsync($"export OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf {off}");

        Assert.Equal(0, ended.Code);
        Assert.Empty(collector.Asked);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "could not be sent")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "the protocol \"http/json\" is not one of grpc and http/protobuf")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=nonsense", "could not be sent")]
    public async Task Drill_CollectorThatCannotBeTold_SaysSoAndEndsAsItDid(string variables, string said)
    {
        var ended = await RunAsync("export " + variables);

        Assert.Equal(0, ended.Code);
        Assert.Contains(said, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_WithoutACollector_LoadsNothingOfOpenTelemetry()
    {
        await using var field = await WorkerField.LayAsync();
        field.Write();
        var id = field.Ask();
        using var worker = field.Start();
        await field.UntilAsync(id, f => f.State == Store.FiringState.Ended);

        Assert.DoesNotContain("OpenTelemetry", await File.ReadAllTextAsync($"/proc/{worker.Id}/maps"), StringComparison.Ordinal);
    }

    private async Task<Ended> RunAsync(string exports)
    {
        using var running = _chaosdrill.StartLimited(exports, "run", Chaosdrill.Scenario, "--virtual-time", "--seed", "3");
        return await running.EndAsync();
    }
}
