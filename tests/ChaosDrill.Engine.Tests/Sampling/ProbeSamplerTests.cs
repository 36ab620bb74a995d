using ChaosDrill.Engine.Drills;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Sampling;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;
using ChaosDrill.Twin;
using Xunit;

namespace ChaosDrill.Engine.Tests.Sampling;

public sealed class ProbeSamplerTests
{
    [Fact]
    public void Sample_SlowAnswers_NeverDelayTheNextQuestion()
    {
        var entries = Sample(new Answers(TimeSpan.FromMilliseconds(350)), forSeconds: 2);

        var samples = entries.Select(e => e.Event).OfType<ProbeSampled>().ToList();
        Assert.Equal(Enumerable.Range(0, samples.Count).Select(i => i * 100.0), samples.OrderBy(s => s.Slot).Select(s => s.SentAt.TotalMilliseconds));
        Assert.True(samples.Count >= 20);
        Assert.All(entries.Where(e => e.Event is ProbeSampled), e => Assert.Equal(350, (e.At - ((ProbeSampled)e.Event).SentAt).TotalMilliseconds));
    }

    [Fact]
    public void Sample_NoAnswer_FailsAtTheTimeout()
    {
        var entries = Sample(new Answers(TimeSpan.FromHours(1)), forSeconds: 3);

        Assert.All(
            entries,
            e =>
            {
                var sample = Assert.IsType<ProbeSampled>(e.Event);
                Assert.Equal(SampleOutcome.Failure, sample.Outcome);
                Assert.Equal(1000, (e.At - sample.SentAt).TotalMilliseconds);
            });
    }

    [Fact]
    public void Sample_ProcessStoodStill_RecordsTheMissedSlots()
    {
        var entries = Sample(new Answers(TimeSpan.FromMilliseconds(1)), forSeconds: 2, stallAt: TimeSpan.FromMilliseconds(950), stall: TimeSpan.FromSeconds(1));

        var missed = entries.Select(e => e.Event).OfType<ProbeSlotMissed>().Select(m => m.Slot).ToList();
        Assert.Equal(Enumerable.Range(10, 10).Select(i => (long)i), missed);
        var all = entries.Select(e => e.Event).Select(e => e is ProbeSampled s ? s.Slot : ((ProbeSlotMissed)e).Slot).Order().ToList();
        Assert.Equal(Enumerable.Range(0, all.Count).Select(i => (long)i), all);
    }

    [Fact]
    public void ClockWatch_ProcessStoodStill_RecordsTheGap()
    {
        var entries = new List<TimelineEntry>();
        VirtualClock.Run(async virtualClock =>
        {
            var clock = new StallingClock(virtualClock);
            var timeline = new DrillTimeline(clock, entries.AddRange);
            using var stop = new CancellationTokenSource();
            var watching = ClockWatch.RunAsync(timeline, clock, stop.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(1050), virtualClock);
            clock.StandStill(TimeSpan.FromSeconds(3));
            await Task.Delay(TimeSpan.FromSeconds(1), virtualClock);
            stop.Cancel();
            await watching;
        });

        var gap = Assert.IsType<ObservationGap>(Assert.Single(entries).Event);
        Assert.Equal(("clock", 1.0, 4.1), (gap.What, gap.From.TotalSeconds, gap.To.TotalSeconds));
    }

    private static List<TimelineEntry> Sample(IProbe probe, int forSeconds, TimeSpan? stallAt = null, TimeSpan stall = default)
    {
        var entries = new List<TimelineEntry>();
        VirtualClock.Run(async virtualClock =>
        {
            var clock = new StallingClock(virtualClock);
            if (probe is Answers answers)
            {
                answers.Clock = virtualClock;
            }

            var timeline = new DrillTimeline(clock, entries.AddRange);
            using var stop = new CancellationTokenSource();
            var sampler = new ProbeSampler("web", probe, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), timeline, clock);
            var sampling = sampler.RunAsync(stop.Token);
            if (stallAt is { } at)
            {
                await Task.Delay(at, virtualClock);
                clock.StandStill(stall);
            }

            await Task.Delay(TimeSpan.FromSeconds(forSeconds), virtualClock);
            stop.Cancel();
            await sampling;
        });
        return entries;
    }

    private sealed class Answers(TimeSpan after) : IProbe
    {
        public TimeProvider Clock { get; set; } = TimeProvider.System;

        public string Summary => "test";

        public IReadOnlyList<AccessNeed> Needs => [];

        public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(after, Clock, cancellationToken);
            return new ProbeReply(SampleOutcome.Success, null);
        }
    }
}
