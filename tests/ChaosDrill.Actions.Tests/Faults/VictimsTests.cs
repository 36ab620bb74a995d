using ChaosDrill.Actions.Faults.PodKill;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Actions.Tests.Faults;

public sealed class VictimsTests
{
    private static readonly Pod[] Ten = [.. Enumerable.Range(0, 10).Select(i => Named($"pod-{i}"))];

    [Theory]
    [InlineData(PodKillMode.One, null, 1)]
    [InlineData(PodKillMode.Fixed, "3", 3)]
    [InlineData(PodKillMode.Fixed, "30", 10)]
    [InlineData(PodKillMode.Percent, "34%", 3)]
    [InlineData(PodKillMode.Percent, "1%", 1)]
    [InlineData(PodKillMode.Percent, "100%", 10)]
    [InlineData(PodKillMode.All, null, 10)]
    public void Choose_Mode_GivesSoMany(PodKillMode mode, string? value, int expected)
    {
        var victims = Victims.Choose(Ten, mode, value is null ? null : Parsed(value), new Random(1));

        Assert.Equal(expected, victims.Count);
        Assert.Equal(expected, victims.Select(v => v.Metadata.Name).Distinct().Count());
    }

    [Fact]
    public void Choose_SameSeed_GivesTheSameWhateverTheOrderOfTheList()
    {
        var one = Victims.Choose(Victims.Candidates(Ten), PodKillMode.Fixed, Parsed("3"), new Random(42));
        var other = Victims.Choose(Victims.Candidates(Ten.Reverse()), PodKillMode.Fixed, Parsed("3"), new Random(42));

        Assert.Equal(one.Select(p => p.Metadata.Name), other.Select(p => p.Metadata.Name));
    }

    [Fact]
    public void Choose_ManySeeds_HitEveryoneAboutEquallyOften()
    {
        var hits = Enumerable.Range(0, 2000).Select(seed => Victims.Choose(Ten, PodKillMode.One, null, new Random(seed))[0].Metadata.Name!)
            .CountBy(name => name).ToDictionary();

        Assert.Equal(10, hits.Count);
        Assert.All(hits.Values, count => Assert.InRange(count, 130, 270));
    }

    [Fact]
    public void Candidates_LeaveOutTheDyingAndTheFinished()
    {
        Pod[] pods =
        [
            Named("lives"), Named("pending", "Pending"), Named("done", "Succeeded"), Named("failed", "Failed"),
            Named("dying") with { Metadata = new ObjectMeta { Name = "dying", DeletionTimestamp = DateTimeOffset.UnixEpoch } },
        ];

        Assert.Equal(["lives", "pending"], Victims.Candidates(pods).Select(p => p.Metadata.Name));
    }

    [Theory]
    [InlineData(PodKillMode.Fixed, null)]
    [InlineData(PodKillMode.Fixed, "0")]
    [InlineData(PodKillMode.Fixed, "50%")]
    [InlineData(PodKillMode.Percent, "3")]
    [InlineData(PodKillMode.Percent, "0%")]
    [InlineData(PodKillMode.One, "1")]
    [InlineData(PodKillMode.All, "3")]
    public void Check_ModeAndValueThatDoNotAgree_AreAProblem(PodKillMode mode, string? value) =>
        Assert.Equal("value", Assert.Single(new PodKill { Selector = "a=b", Mode = mode, Value = value is null ? null : Parsed(value) }.Check()).Field);

    [Fact]
    public void Check_EmptySelector_IsAProblem() => Assert.Equal("selector", Assert.Single(new PodKill { Selector = " " }.Check()).Field);

    private static Pod Named(string name, string phase = "Running") =>
        new() { Metadata = new ObjectMeta { Name = name, Uid = name }, Status = new PodStatus { Phase = phase } };

    private static Amount Parsed(string text) => Amount.TryParse(text, out var amount) ? amount : throw new ArgumentException(text);
}
