using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Views;

namespace ChaosDrill.Tests.Views;

public sealed class LiveBoardTests
{
    private static readonly WorkloadReference Storefront = new("deployment", "storefront");
    private static readonly Target Pod = new("Pod", "shop", "storefront-1", "uid-1");

    private static readonly DrillHeader Header = new()
    {
        Id = "storefront-pod-kill-20261121-031500-x7k2",
        Scenario = "storefront-pod-kill",
        Source = new ScenarioSource("pod-kill.yaml", "", ""),
        StartedAt = DateTimeOffset.UnixEpoch,
        ToolVersion = "test",
        Plan = new Plan
        {
            Scenario = "storefront-pod-kill",
            ScenarioDigest = "",
            Cluster = new ClusterIdentity("staging", "https://api", "v1.36.2", false),
            Namespace = "shop",
            Seed = 7,
            Repeat = 1,
            Steps =
            [
                new PlannedStep { Index = 0, Name = "Kill one pod", Kind = "podKill", Summary = "" },
                new PlannedStep { Index = 1, Name = "Wait", Kind = "awaitRecovery", Summary = "" },
            ],
            Access = [],
            Refusals = [],
        },
        Probes = [new ProbeTimetable("storefront", "GET /", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1))],
        Awaits = [new RecoveryAwait(1, [Storefront], TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(3))],
        Objectives = [new RecoveryTimeGoal { Of = Storefront, AtMost = TimeSpan.FromSeconds(30) }],
        SteadyState = [Storefront],
    };

    [Theory]
    [InlineData(80, 24)]
    [InlineData(30, 8)]
    public void Board_WhileAPersonIsAsked_ShowsTheWholeQuestionAtItsFoot(int width, int height)
    {
        var board = new LiveBoard(Header with { Plan = Header.Plan with { Steps = [new PlannedStep { Index = 0, Name = "Ask", Kind = "hold", Summary = "" }] } });
        board.Apply(new TimelineEntry(1, TimeSpan.Zero, new StepStarted(0, 1)));
        board.Apply(new TimelineEntry(2, TimeSpan.Zero, new PhaseReached(0, 1, PhaseNames.Held, "Is the pager quiet? (answer y or n and Enter, within 2m)")));

        var lines = board.Draw(TimeSpan.FromSeconds(1), width, height).Select(l => l.ToString().TrimEnd()).ToList();

        Assert.Equal(height, lines.Count);
        Assert.All(lines, l => Assert.True(l.Length <= width || l.Contains("seed", StringComparison.Ordinal)));
        Assert.EndsWith("? Is the pager quiet? (answer y or n and Enter, within 2m) Ctrl-C stops and undoes", string.Join(' ', lines.Where(l => l.Length > 0)), StringComparison.Ordinal);

        board.Apply(new TimelineEntry(3, TimeSpan.Zero, new StepEnded(0, 1, StepOutcome.Done, null)));
        Assert.DoesNotContain(board.Draw(TimeSpan.FromSeconds(2), width, height), l => l.ToString().StartsWith("? ", StringComparison.Ordinal));
    }

    [Fact]
    public void Board_InTheMiddleOfADrill_ShowsStepWorkloadProbeObjectiveAndEvents()
    {
        var lines = Board().Draw(TimeSpan.FromSeconds(6), 80, 24).Select(l => l.ToString().TrimEnd()).ToList();

        Assert.Equal(
            """
            0:06.0  storefront-pod-kill                              staging · shop · seed 7
            step 2 of 2

             ✓ steady state
             ✓ 1. Kill one pod  500 ms
             ▸ 2. Wait  0:01.5  waiting, at most 3m
               steady state again

            Workloads
               deployment/storefront        ██████░░░░  2/3 ready

            Probes
               storefront       ✗ 50 ms    ▇×  1 ok 1 failed  503

            Objectives so far
             ? recoveryTime deployment/storefront  at least 950 ms  at most 30s

            Events
                 4.050  deployment/storefront 2/3 ready
                 4.100  fault took effect on Pod shop/storefront-1: uid uid-1 is gone
                 4.500  step 1 done
                 4.500  step 2 of 2: Wait
                 5.050  probe storefront fails: 503
            Ctrl-C stops and undoes
            """.ReplaceLineEndings("\n"),
            string.Join('\n', lines));
    }

    [Theory]
    [InlineData(40, 12)]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    [InlineData(41, 100)]
    public void Board_InAnyWindow_FitsIt(int width, int height)
    {
        var lines = Board().Draw(TimeSpan.FromHours(3), width, height);

        Assert.Equal(height, lines.Count);
        Assert.All(lines, line => Assert.True(line.Render(width, colors: false).Length <= width));
    }

    [Fact]
    public void Line_WithControlCharacters_CannotSteerTheTerminal()
    {
        Assert.Equal("a [2Jb c", new StyledLine().Add("a\e[2Jb\nc").Render(80, colors: false));
    }

    [Theory]
    [InlineData(DrillOutcome.Pass, true, 0)]
    [InlineData(DrillOutcome.Fail, true, 1)]
    [InlineData(DrillOutcome.Inconclusive, true, 2)]
    [InlineData(DrillOutcome.Refused, true, 3)]
    [InlineData(DrillOutcome.Aborted, true, 4)]
    [InlineData(DrillOutcome.Pass, false, 5)]
    [InlineData(DrillOutcome.Aborted, false, 5)]
    public void ExitCode_OfAJudgement_IsThatOfItsOutcomeUnlessSomethingIsLeftBehind(DrillOutcome outcome, bool undone, int code)
    {
        var judgement = new Judgement { Outcome = outcome, Reason = "", UndoComplete = undone, Objectives = [], Recoveries = [] };

        Assert.Equal(code, (int)ExitCodes.Of(judgement));
    }

    private static LiveBoard Board()
    {
        var board = new LiveBoard(Header);
        var sequence = 0;
        foreach (var (at, happened) in new (double At, TimelineEvent Event)[]
        {
            (0, new StageEntered(DrillStage.SteadyStateBefore)),
            (0, new WorkloadObserved(Storefront, 3, 3, 3)),
            (0.004, new ProbeSampled("storefront", 0, TimeSpan.Zero, TimeSpan.Zero, SampleOutcome.Success)),
            (3, new SteadyStateChecked(DrillStage.SteadyStateBefore, 1, "deployment/storefront", true, "3 of 3 ready")),
            (4, new StageEntered(DrillStage.Steps)),
            (4, new StepStarted(0, 1)),
            (4, new FaultRequested(0, 1, Pod)),
            (4.05, new WorkloadObserved(Storefront, 3, 2, 3)),
            (4.1, new FaultTookEffect(0, 1, Pod, "uid uid-1 is gone")),
            (4.5, new StepEnded(0, 1, StepOutcome.Done, null)),
            (4.5, new StepStarted(1, 1)),
            (5.05, new ProbeSampled("storefront", 50, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), SampleOutcome.Failure, "503")),
        })
        {
            board.Apply(new TimelineEntry(++sequence, TimeSpan.FromSeconds(at), happened));
        }

        return board;
    }
}
