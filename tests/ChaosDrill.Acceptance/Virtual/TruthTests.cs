using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Acceptance.Virtual;

/// <summary>The design's rules of truth, each with a drill whose answer is known.</summary>
public sealed class TruthTests
{
    [Fact]
    public void Recovery_PodsReadyAfter7300ms_EqualsTheTruthTo1ms()
    {
        var drill = new TwinDrill { Annotations = """twin.chaosdrill.dev/start-delay: "0s", twin.chaosdrill.dev/ready-delay: "7.3s" """ }.Run();

        var truth = TrueRecovery(drill);
        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
        Assert.InRange(drill.Recovery.Time.Value!.Value, truth - 0.001, truth + 0.001);
        Assert.InRange(truth, 7.3, 7.4);
        Assert.Equal("started → ready", drill.Recovery.CostliestPhase);
    }

    [Fact]
    public void Recovery_ReplacementFlaps_EndsAtTheStableStretch()
    {
        var steady = new TwinDrill { Annotations = """twin.chaosdrill.dev/ready-delay: "2s" """ }.Run();
        var flapping = new TwinDrill
        {
            // After the first start of every pod the flap is long over when the drill begins.
            Annotations = """twin.chaosdrill.dev/ready-delay: "2s", twin.chaosdrill.dev/flap: "after=4s,for=3s" """,
            Before = async (_, client) => await Task.Delay(TimeSpan.FromSeconds(30), client.Clock, CancellationToken.None),
        }.Run();

        Assert.Equal(steady.Recovery.Time.Value!.Value + 7, flapping.Recovery.Time.Value!.Value, 1);
    }

    [Fact]
    public void Recovery_TwoVictims_IsTheLastReplacement()
    {
        var drill = new TwinDrill { Yaml = TwinDrill.Scenario.Replace("mode: one", "mode: fixed, value: 2", StringComparison.Ordinal) }.Run();

        Assert.Equal(2, drill.Record.Timeline.Count(e => e.Event is FaultTookEffect));
        var truth = TrueRecovery(drill);
        Assert.InRange(drill.Recovery.Time.Value!.Value, truth - 0.001, truth + 0.001);
    }

    [Fact]
    public void Recovery_ReplacedBeforeTheFirstProbe_IsStillMeasured()
    {
        var drill = new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/start-delay: "1ms", twin.chaosdrill.dev/ready-delay: "1ms" """,
            Yaml = TwinDrill.Scenario.Replace("every: 100ms", "every: 30s", StringComparison.Ordinal),
        }.Run();

        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
        Assert.InRange(drill.Recovery.Time.Value!.Value, 0.0005, 0.2);
    }

    [Fact]
    public void Recovery_WatchCutAndHistoryForgotten_WidensTheBoundsAroundTheTruth()
    {
        var drill = new TwinDrill
        {
            Annotations = """twin.chaosdrill.dev/ready-delay: "5s" """,
            Meanwhile = async (twin, clock, _, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(6), clock);
                twin.ForgetHistory();
                twin.CutWatches();
            },
        }.Run();

        Assert.Contains(drill.Record.Timeline, e => e.Event is ObservationGap { Lost: true, What: "deployment/storefront" });
        var truth = TrueRecovery(drill);
        Assert.True(drill.Recovery.Time.Low <= truth + 0.001 && drill.Recovery.Time.High >= truth - 0.001);
        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
    }

    [Fact]
    public void Recovery_WallClockSteppedAnHour_IsTheSame()
    {
        var plain = new TwinDrill().Run();
        var stepped = new TwinDrill
        {
            Meanwhile = async (_, clock, _, _) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(4), clock);
                clock.StepWallClock(TimeSpan.FromHours(1));
                await Task.Delay(TimeSpan.FromSeconds(3), clock);
                clock.StepWallClock(TimeSpan.FromHours(-2));
            },
        }.Run();

        Assert.Equal(plain.Recovery.Time.Value!.Value, stepped.Recovery.Time.Value!.Value, 3);
        Assert.Equal(DrillOutcome.Pass, stepped.Judgement.Outcome);
    }

    [Fact]
    public void Effect_ThatNeverComes_IsInconclusive()
    {
        var drill = new TwinDrill
        {
            Before = async (_, client) =>
            {
                foreach (var pod in (await client.ListAsync(Resources.Pods, "shop")).Items)
                {
                    await client.PatchAsync(
                        Resources.Pods, "shop", pod.Metadata.Name!, Patch.Merge(JsonNode.Parse("""{"metadata":{"finalizers":["example.com/hold"]}}""")!));
                }
            },
        }.Run();

        Assert.Equal(DrillOutcome.Inconclusive, drill.Judgement.Outcome);
        Assert.Contains("never seen", drill.Judgement.Reason, StringComparison.Ordinal);
        Assert.Null(drill.Recovery.Time.Value);
    }

    [Fact]
    public void Replacement_ThatNeverGetsReady_IsAMissWithAValue()
    {
        var drill = new TwinDrill
        {
            Before = async (_, client) =>
            {
                foreach (var node in (await client.ListAsync(Resources.Nodes, null)).Items)
                {
                    await client.PatchAsync(Resources.Nodes, null, node.Metadata.Name!, Patch.StrategicMerge(JsonNode.Parse("""{"spec":{"unschedulable":true}}""")!));
                }
            },
        }.Run();

        Assert.Equal(DrillOutcome.Fail, drill.Judgement.Outcome);
        Assert.InRange(drill.Recovery.Time.Low!.Value, 179, 181);
        Assert.Null(drill.Recovery.Time.High);
    }

    [Fact]
    public void Status_ThatLagsThePods_ChangesNothing()
    {
        var plain = new TwinDrill().Run();
        var lagging = new TwinDrill
        {
            Before = (twin, _) =>
            {
                twin.DeploymentStatusLag = TimeSpan.FromSeconds(20);
                return Task.CompletedTask;
            },
        }.Run();

        Assert.Equal(plain.Recovery.Time.Value!.Value, lagging.Recovery.Time.Value!.Value, 3);
    }

    [Fact]
    public void Probe_WithoutASubject_NeverPasses()
    {
        var drill = new TwinDrill
        {
            Yaml = TwinDrill.Scenario
                .Replace("name: storefront, port", "name: nothing, port", StringComparison.Ordinal)
                + "\n    - availability: { probe: storefront, atLeast: 99% }",
        }.Run();

        Assert.NotEqual(Verdict.Pass, drill.Judgement.Objectives[1].Verdict);
        Assert.NotEqual(DrillOutcome.Pass, drill.Judgement.Outcome);
    }

    [Fact]
    public void Drill_SameSeed_GivesTheSameTimeline()
    {
        var first = new TwinDrill().Run();
        var second = new TwinDrill().Run();

        Assert.Equal(Lines(first.Record), Lines(second.Record));
    }

    [Fact]
    public void Drill_OtherSeed_GivesAnotherTimeline() =>
        Assert.NotEqual(Lines(new TwinDrill().Run().Record), Lines(new TwinDrill { Seed = 8 }.Run().Record));

    [Fact]
    public void Drill_FiveMinutesAndFiveRepetitions_ReportsTheSpread()
    {
        var drill = new TwinDrill
        {
            Yaml = TwinDrill.Scenario.Replace("stableFor: 10s", "stableFor: 50s", StringComparison.Ordinal) + "\n  repeat: 5",
        }.Run();

        Assert.Equal(5, drill.Judgement.Objectives[0].Measure.Spread!.Count);
        Assert.True(drill.Record.End!.At > TimeSpan.FromMinutes(4));
        Assert.Equal(DrillOutcome.Pass, drill.Judgement.Outcome);
    }

    private static IEnumerable<string> Lines(DrillRecord record) =>
        record.Timeline.Select(e => JsonSerializer.Serialize(e, DrillJson.Default.TimelineEntry));

    /// <summary>From the twin's own record: the first victim's end, to all three pods ready for good.</summary>
    private static double TrueRecovery(TwinDrill.Result drill)
    {
        var victims = drill.Record.Timeline.Select(e => e.Event).OfType<FaultRequested>().Select(f => f.Target.Uid).ToHashSet();
        var effect = drill.Truth.First(o => victims.Contains(o.Uid) && o.Kind == "DELETED").At;
        var ready = new HashSet<string>();
        TimeSpan? since = null;
        foreach (var o in drill.Truth)
        {
            _ = o.Kind != "DELETED" && o.Ready ? ready.Add(o.Uid) : ready.Remove(o.Uid);
            since = ready.Count >= 3 ? since ?? o.At : null;
        }

        return (since!.Value - effect).TotalSeconds;
    }
}
