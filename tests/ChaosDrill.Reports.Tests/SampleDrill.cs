using ChaosDrill.Model;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Reports.Tests;

/// <summary>Writes the timeline of a pod-kill drill as the engine would, with whatever the test wants to go wrong.</summary>
internal sealed class SampleDrill
{
    public static readonly WorkloadReference Storefront = new("deployment", "storefront");

    public static readonly DateTimeOffset Start = new(2026, 11, 21, 2, 59, 58, 250, TimeSpan.Zero);

    private readonly List<(TimeSpan At, TimelineEvent Event)> events = [];
    private readonly List<(double From, double To)> outages = [];
    private readonly Random jitter = new(7);

    public List<Recovery> Recoveries { get; } = [];

    public int Repeat { get; init; } = 1;

    public string PodName { get; init; } = "storefront-6d5f7c9b8-";

    public DrillHeader Header { get; private set; } = null!;

    public SampleDrill Begin(Func<DrillHeader, DrillHeader>? change = null)
    {
        Header = (change ?? (h => h))(DefaultHeader());
        return this;
    }

    public SampleDrill Add(double at, TimelineEvent seen)
    {
        events.Add((TimeSpan.FromSeconds(at), seen));
        return this;
    }

    public SampleDrill Stage(double at, DrillStage stage) => Add(at, new StageEntered(stage));

    public SampleDrill SteadyState(double at, DrillStage stage, bool? held = true, int iteration = 1, string? reason = null)
    {
        Add(at, new SteadyStateChecked(stage, iteration, "deployment/storefront", held, reason ?? "3 of 3 pods ready for 3s"));
        return Add(at, new SteadyStateChecked(stage, iteration, "probe/storefront", true, "31 of 31 samples succeeded in 3s"));
    }

    /// <summary>Kills a pod; the replacement is ready after a while, or never.</summary>
    public SampleDrill Kill(double at, int iteration, double? recovery, double outage = 0)
    {
        var victim = new Target("Pod", "shop", $"{PodName}{iteration}x7kd", $"uid-victim-{iteration}", "node twin-2");
        var pod = $"{PodName}{iteration}q9zt";
        var effect = at + 0.043;
        PodObserved Seen(PodMilestone m, string? node = "twin-3") => new(Storefront, pod, $"uid-new-{iteration}", m, node);
        Add(at - 0.02, new StepStarted(0, iteration));
        Add(at, new FaultRequested(0, iteration, victim));
        Add(at + 0.012, new FaultAcknowledged(0, iteration, victim));
        Add(effect, new PodObserved(Storefront, victim.Name, victim.Uid, PodMilestone.Gone, "twin-2"));
        Add(effect, new FaultTookEffect(0, iteration, victim, "the pod's uid is gone"));
        Add(effect, new WorkloadObserved(Storefront, 3, 2, 2));
        Add(effect + 0.01, new StepEnded(0, iteration, StepOutcome.Done, null));
        Add(effect + 0.02, new StepStarted(1, iteration));
        Add(effect + 0.061, Seen(PodMilestone.Created, null));
        Add(effect + 0.061, new WorkloadObserved(Storefront, 3, 2, 3));
        Add(effect + 0.082, Seen(PodMilestone.Scheduled));
        Add(effect + 0.09, new ClusterEventSeen("pod/" + pod, "Scheduled", $"Successfully assigned shop/{pod} to twin-3", "2026-11-21T03:00:05Z"));
        if (outage > 0)
        {
            outages.Add((effect + 0.03, effect + 0.03 + outage));
        }

        List<RecoveryMark> marks =
        [
            new("requested", TimeSpan.FromSeconds(at), victim.ToString()),
            new("took effect", TimeSpan.FromSeconds(effect), "the pod's uid is gone"),
            new("replacement created", TimeSpan.FromSeconds(effect + 0.061), pod),
            new("scheduled", TimeSpan.FromSeconds(effect + 0.082), "node twin-3"),
        ];
        if (outage > 0)
        {
            marks.Add(new("first failed probe", TimeSpan.FromSeconds(effect + 0.11), "probe/storefront"));
        }

        if (recovery is { } took)
        {
            Add(effect + (took * 0.3), Seen(PodMilestone.Started));
            Add(effect + took, Seen(PodMilestone.Ready));
            Add(effect + took, new WorkloadObserved(Storefront, 3, 3, 3));
            Add(effect + took + 0.018, Seen(PodMilestone.InEndpoints));
            Add(effect + took + 10, new StepEnded(1, iteration, StepOutcome.Done, null));
            marks.Add(new("started", TimeSpan.FromSeconds(effect + (took * 0.3)), pod));
            marks.Add(new("ready", TimeSpan.FromSeconds(effect + took), pod));
            marks.Add(new("in endpoints", TimeSpan.FromSeconds(effect + took + 0.018), pod));
            marks.Add(new("serving", TimeSpan.FromSeconds(effect + took + 0.074), "probe/storefront"));
            marks.Add(new("recovered", TimeSpan.FromSeconds(effect + took), null));
            marks.Add(new("stable", TimeSpan.FromSeconds(effect + took + 10), null));
            Recoveries.Add(new Recovery
            {
                Iteration = iteration,
                Step = 0,
                Of = Storefront,
                Time = new MeasuredValue(iteration, took, took - 0.012, took + 0.004, null),
                Marks = [.. marks.OrderBy(m => m.At)],
                CostliestPhase = "started → ready",
            });
        }
        else
        {
            Add(effect + 2.1, new PodObserved(Storefront, pod, $"uid-new-{iteration}", PodMilestone.NotReady, "twin-3", "ImagePullBackOff"));
            Recoveries.Add(new Recovery
            {
                Iteration = iteration,
                Step = 0,
                Of = Storefront,
                Time = new MeasuredValue(iteration, 30, 30, null, "not ready when waiting ended"),
                Marks = [.. marks.OrderBy(m => m.At)],
                CostliestPhase = null,
            });
        }

        return this;
    }

    /// <summary>Samples the probe every 100 ms over the whole drill, outages and misses included.</summary>
    public SampleDrill Probe(double from, double to, Func<long, TimelineEvent?>? special = null)
    {
        for (long slot = 0; from + (slot * 0.1) < to; slot++)
        {
            var due = TimeSpan.FromSeconds(from + (slot * 0.1));
            var sent = due + TimeSpan.FromMilliseconds(0.4);
            if (special?.Invoke(slot) is { } other)
            {
                events.Add((due, other));
                continue;
            }

            var isDown = outages.Any(o => due.TotalSeconds >= o.From && due.TotalSeconds < o.To);
            var took = isDown ? 4.2 : 2.6 + (jitter.NextDouble() * 3.1) + (jitter.Next(50) == 0 ? 14 : 0);
            events.Add((sent + TimeSpan.FromMilliseconds(took), new ProbeSampled(
                "storefront", slot, due, sent, isDown ? SampleOutcome.Failure : SampleOutcome.Success,
                isDown ? "503 no endpoints available for service \"storefront\"" : null)));
        }

        return this;
    }

    public DrillRecord Record(double length, DrillEnding? ending = DrillEnding.Completed, string? reason = null, bool undoComplete = true) => new(
        Header,
        [.. events.OrderBy(e => e.At).Select((e, i) => new TimelineEntry(i + 1, e.At, e.Event))],
        ending is { } word ? new DrillEnd(word, TimeSpan.FromSeconds(length), reason, undoComplete) : null);

    private DrillHeader DefaultHeader() => new()
    {
        Id = "storefront-pod-kill-20261121-025958-k3fq",
        Scenario = "storefront-pod-kill",
        Description = "One storefront pod dies. Shoppers must not notice.",
        Labels = new Dictionary<string, string> { ["team"] = "shop", ["disaster"] = "application-failure" },
        Source = new ScenarioSource("scenarios/pod-kill.yaml", ScenarioText, "9f2c1e7ab3d45f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd"),
        StartedAt = Start,
        TimeZone = "Europe/Berlin",
        ToolVersion = "0.1.0",
        Plan = new Plan
        {
            Scenario = "storefront-pod-kill",
            ScenarioDigest = "9f2c1e7ab3d45f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd",
            Cluster = new ClusterIdentity("twin", "https://127.0.0.1:39211", "v1.36.2", IsTwin: true),
            Namespace = "shop",
            Seed = 48213,
            Repeat = Repeat,
            Steps =
            [
                new PlannedStep
                {
                    Index = 0, Name = "Kill one pod", Kind = "podKill", Summary = "delete 1 pod of app=storefront with grace period 0s", Candidates = 3,
                    Targets = [new Target("Pod", "shop", PodName + "1x7kd", "uid-victim-1", "node twin-2")],
                    Undo = "nothing to put back: the deployment replaces the pod",
                },
                new PlannedStep { Index = 1, Name = "awaitRecovery", Kind = "awaitRecovery", Summary = "wait until deployment/storefront has held for 10s, at most 3m" },
            ],
            Access =
            [
                new AccessDecision(new AccessNeed("delete", "", "pods", "shop", "podKill"), true, null),
                new AccessDecision(new AccessNeed("watch", "", "pods", "shop", "measuring recovery"), true, null),
                new AccessDecision(new AccessNeed("get", "", "services/proxy", "shop", "probe storefront"), true, null),
            ],
            Refusals = [],
        },
        Probes = [new ProbeTimetable("storefront", "GET /healthz of service storefront:80", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1))],
        Awaits = [new RecoveryAwait(1, [Storefront], TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(3))],
        Objectives =
        [
            new RecoveryTimeGoal { Of = Storefront, AtMost = TimeSpan.FromSeconds(30) },
            new AvailabilityGoal { Probe = "storefront", AtLeast = new Ratio(0.995) },
            new LongestOutageGoal { Probe = "storefront", AtMost = TimeSpan.FromSeconds(2) },
        ],
        SteadyState = [Storefront, new WorkloadReference("probe", "storefront")],
    };

    private const string ScenarioText =
        """
        # yaml-language-server: $schema=scenario.schema.json
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata:
          name: storefront-pod-kill
          labels: { team: shop, disaster: application-failure }
        spec:
          description: One storefront pod dies. Shoppers must not notice.
          cluster: { namespace: shop }
          probes:
            - name: storefront
              service: { name: storefront, port: 80, path: /healthz }
              every: 100ms
              timeout: 1s
          steadyState:
            - workload: deployment/storefront
            - probe: storefront
          steps:
            - name: Kill one pod
              podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 30s }
            - availability: { probe: storefront, atLeast: 99.5% }
            - longestOutage: { probe: storefront, atMost: 2s }

        """;
}
