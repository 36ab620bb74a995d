using ChaosDrill.Model.Drills;
using Xunit;

namespace ChaosDrill.Store.Tests;

/// <summary>Stores as older versions of ChaosDrill wrote them stay readable, and mean what they meant.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("form-1.db", "storefront-pod-kill-20261121-074936-qhjq", 4, 2.51)]
    public void Store_OfAnOlderForm_IsReadAndJudgedAsThen(string file, string id, int objectives, double recovery)
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Golden", file), folder.Store);

        using var store = DrillStore.OpenReadOnly(folder.Store);
        var drill = Assert.Single(store.History());
        var judgement = Judge.Of(store.Read("latest")!);

        Assert.Equal((id, DrillState.Ended, DrillOutcome.Pass, "all 4 objectives are met"), (drill.Id, drill.State, drill.Outcome!.Value, drill.Reason));
        Assert.Equal((DrillOutcome.Pass, objectives, recovery), (judgement.Outcome, judgement.Objectives.Count, judgement.Recoveries[0].Time.Value!.Value));
    }

    [Theory]
    [InlineData("form-1.db")]
    public void Store_OfAnOlderForm_TakesNewDrills(string file)
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Golden", file), folder.Store);

        using var store = DrillStore.Open(folder.Store);
        store.Begin(Samples.Header("new"));
        store.End("new", Samples.End(), Samples.Judgement());

        Assert.Equal(2, store.History().Count);
    }
}
