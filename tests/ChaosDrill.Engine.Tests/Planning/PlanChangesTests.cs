using ChaosDrill.Engine.Planning;
using ChaosDrill.Model.Plans;
using Xunit;

namespace ChaosDrill.Engine.Tests.Planning;

/// <summary>Each thing that is not as planned is told, alone and in words; what is as planned is not.</summary>
public sealed class PlanChangesTests
{
    private static readonly Target Web1 = new("Pod", "shop", "web-1", "uid-1", "on node1");
    private static readonly Target Web2 = new("Pod", "shop", "web-2", "uid-2", "on node2");
    private static readonly AccessDecision DeletePods = new(new("delete", "", "pods", "shop", "kill pods"), Granted: true, "");
    private static readonly GuardCheck Within = new("maxAffected", "34% (1 of 3)", "1 of 3 pods", Holds: true);
    private static readonly Forecast Goes = new("budget", Outlook.Fine, "budget shop/web lets all 2 go at once (2 allowed)");

    private static readonly PlannedStep Kill = new()
    {
        Index = 0, Name = "Kill", Kind = "podKill", Summary = "delete 2 of 3 pods", Targets = [Web1, Web2], Candidates = 3, Undo = "none", Guards = [Within], Forecasts = [Goes],
    };

    private static readonly Plan Saved = new()
    {
        Scenario = "pod-kill", ScenarioDigest = "aa", ScenarioFile = "pod-kill.yaml", Cluster = new("staging", "https://10.0.0.1/", "v1.36.1", IsTwin: false),
        Namespace = "shop", NamespaceUid = "ns-1", Seed = 7, Repeat = 1, Steps = [Kill], Access = [DeletePods], Refusals = [],
        Guards = [new("windows", "09:00-17:00", "Mon 2026-01-05 10:00 in Etc/UTC", Holds: true)],
    };

    public static TheoryData<string, Plan> Changes => new()
    {
        { "the scenario's text is not that of the plan: SHA-256 bb, planned aa", Saved with { ScenarioDigest = "bb" } },
        { "the plan is for scenario pod-kill; this is other", Saved with { Scenario = "other" } },
        { "the plan is for cluster staging (https://10.0.0.1/); this is cluster production (https://10.0.0.1/)", Saved with { Cluster = Saved.Cluster with { Name = "production" } } },
        { "the plan is for cluster staging (https://10.0.0.1/); this is cluster staging (https://10.0.0.2/)", Saved with { Cluster = Saved.Cluster with { Server = "https://10.0.0.2/" } } },
        { "the plan is for cluster staging (https://10.0.0.1/); this is the embedded twin", Saved with { Cluster = Saved.Cluster with { IsTwin = true } } },
        { "the cluster runs v1.36.2; it ran v1.36.1 when it was planned", Saved with { Cluster = Saved.Cluster with { Version = "v1.36.2" } } },
        { "the plan is for namespace shop; the scenario's is bakery", Saved with { Namespace = "bakery", NamespaceUid = "ns-2" } },
        { "namespace shop is not the one that was planned, but made anew: its uid is ns-2, planned ns-1", Saved with { NamespaceUid = "ns-2" } },
        { "seed and repeat are 8 and 1, planned 7 and 1", Saved with { Seed = 8 } },
        { "the ledger is: an entry every 100ms in config maps; undo: remove them; planned was: none", Saved with { Ledger = "an entry every 100ms in config maps; undo: remove them" } },
        { "guard windows finds Mon 2026-01-05 10:00 in Etc/UTC, planned Mon 2026-01-05 10:00 in Etc/UTC", Saved with { Guards = [Saved.Guards[0] with { Limit = "08:00-17:00" }] } },
        { "the steps are \"Kill\", \"Kill\", planned \"Kill\"", Saved with { Steps = [Kill, Kill with { Index = 1 }] } },
        { "\"Kill\": no longer targeted: Pod shop/web-2 (uid uid-2)", With(Kill with { Targets = [Web1] }) },
        { "\"Kill\": now targeted, and not planned: Pod shop/web-3 (uid uid-3)", With(Kill with { Targets = [Web1, Web2, Web2 with { Name = "web-3", Uid = "uid-3" }] }) },
        { "\"Kill\": Pod shop/web-2 is not the one that was planned, but its replacement: its uid is uid-9, planned uid-2", With(Kill with { Targets = [Web1, Web2 with { Uid = "uid-9" }] }) },
        { "\"Kill\": Pod shop/web-2 is gone (uid uid-2)", With(Kill with { Targets = [Web1, Web2 with { Uid = "" }] }) },
        { "\"Kill\": Pod shop/web-2 is on node3, planned on node2", With(Kill with { Targets = [Web1, Web2 with { Detail = "on node3" }] }) },
        { "\"Kill\": its targets come in another order: Pod shop/web-2, Pod shop/web-1, planned Pod shop/web-1, Pod shop/web-2", With(Kill with { Targets = [Web2, Web1] }) },
        { "\"Kill\": now taken away with them, and not planned: Pod shop/db-1 (uid uid-5)", With(Kill with { Affected = [new("Pod", "shop", "db-1", "uid-5")] }) },
        { "\"Kill\": its targets are chosen from 4, planned from 3", With(Kill with { Candidates = 4, Summary = "delete 2 of 4 pods" }) },
        { "\"Kill\": it would delete all pods; planned was: delete 2 of 3 pods", With(Kill with { Summary = "delete all pods" }) },
        { "\"Kill\": its undo is: scale up; planned was: none", With(Kill with { Undo = "scale up" }) },
        { "\"Kill\": its guard maxAffected finds 1 of 4 pods, planned 1 of 3 pods", With(Kill with { Guards = [Within with { Found = "1 of 4 pods" }] }) },
        { "\"Kill\": the outlook is: budget shop/web lets 1 of 2 go at once; planned was: budget shop/web lets all 2 go at once (2 allowed)", With(Kill with { Forecasts = [Goes with { Outlook = Outlook.Warning, Message = "budget shop/web lets 1 of 2 go at once" }] }) },
        { "rights no longer granted: delete pods in namespace shop", Saved with { Access = [DeletePods with { Granted = false }] } },
        { "rights needed now, and not planned: delete secrets in namespace shop", Saved with { Access = [DeletePods, DeletePods with { Need = DeletePods.Need with { Resource = "secrets" } }] } },
        { "rights no longer needed: delete pods in namespace shop", Saved with { Access = [] } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Change_IsToldAlone(string message, Plan now)
    {
        var refusal = Assert.Single(PlanChanges.Between(Saved, now));

        Assert.Equal((RefusalKind.PlanChanged, message), (refusal.Kind, refusal.Message));
        Assert.Contains("save a new plan", refusal.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ThatHolds_HasNoChange()
    {
        Assert.Empty(PlanChanges.Between(Saved, Saved));
        Assert.Empty(PlanChanges.Between(Saved, Saved with { ScenarioFile = "elsewhere.yaml", Guards = [Saved.Guards[0] with { Found = "Mon 2026-01-05 10:05 in Etc/UTC" }] }));
    }

    [Fact]
    public void Plan_ThatWasRefusedItself_IsNoPermission() => Assert.Equal(
        "the plan was refused itself: no such pod",
        Assert.Single(PlanChanges.Between(Saved with { Refusals = [new(RefusalKind.NoTargets, "no such pod", "look")] }, Saved)).Message);

    [Fact]
    public void Refusal_OfThePresentPlan_IsNotToldAsLostSteps() =>
        Assert.Empty(PlanChanges.Between(Saved, Saved with { Steps = [], NamespaceUid = null, Refusals = [new(RefusalKind.Missing, "no namespace", "make it")] }));

    [Fact]
    public void Twin_ThatIsMadeAnew_IsComparedByWhatItsScenarioDecides()
    {
        var twin = Saved with { Cluster = Saved.Cluster with { IsTwin = true } };
        var anew = twin with { NamespaceUid = "ns-2", Steps = [Kill with { Targets = [Web2 with { Name = "web-7", Uid = "u7" }, Web1 with { Name = "web-8", Uid = "u8" }] }] };

        Assert.Empty(PlanChanges.Between(twin, anew));
        Assert.Equal(
            "\"Kill\": 1 × Pod in shop targeted, planned 2",
            Assert.Single(PlanChanges.Between(twin, twin with { Steps = [Kill with { Targets = [Web1] }] })).Message);
    }

    [Fact]
    public void Message_FromAStrangersFile_HasAnEnd() =>
        Assert.All(PlanChanges.Between(Saved with { Scenario = new string('x', 1_000_000) }, Saved), r => Assert.True(r.Message.Length < 1000));

    [Fact]
    public void Objects_ThatAreMany_AreCounted()
    {
        var many = Enumerable.Range(0, 40).Select(i => new Target("Pod", "shop", $"web-{i}", $"u{i}"));

        var message = Assert.Single(PlanChanges.Between(With(Kill with { Targets = [.. many] }), With(Kill with { Targets = [] }))).Message;

        Assert.EndsWith("Pod shop/web-4 (uid u4) and 35 more", message, StringComparison.Ordinal);
    }

    private static Plan With(PlannedStep step) => Saved with { Steps = [step] };
}
