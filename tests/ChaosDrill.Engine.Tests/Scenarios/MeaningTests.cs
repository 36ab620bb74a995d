using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>Scenarios that are well written and yet cannot be meant.</summary>
public sealed class MeaningTests
{
    private const string Await = "    - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }\n";

    [Theory]
    [InlineData("  steadyState:\n", "    - { name: storefront, http: { url: http://x } }\n  steadyState:\n", """22:15 CD1201 spec.probes[1].name: the name "storefront" is taken by spec.probes[0]; choose another name """)]
    [InlineData("{ probe: storefront, failingFor", "{ probe: shop, failingFor", """16:18 CD1202 spec.guards.abortWhen[0].probe: the scenario has no probe "shop"; write storefront, or add it under spec.probes """)]
    [InlineData("    - probe: storefront\n", "    - probe: storefrnt\n", """24:14 CD1202 spec.steadyState[1].probe: the scenario has no probe "storefrnt"; did you mean "storefront"? """)]
    [InlineData("of: [deployment/storefront]", "of: [deployment/storefront, probe/storfront]", """28:52 CD1202 spec.steps[1].awaitRecovery.of[1]: the scenario has no probe "storfront"; did you mean "probe/storefront"? """)]
    [InlineData("longestOutage: { probe: storefront", "longestOutage: { probe: checkout", """32:31 CD1202 spec.objectives[2].longestOutage.probe: the scenario has no probe "checkout"; write storefront, or add it under spec.probes """)]
    [InlineData("    - workload: deployment/storefront\n", "    - for: 3s\n", """23:7 CD1203 spec.steadyState[0]: names neither a workload nor a probe; add "workload: deployment/NAME" or "probe: NAME" """)]
    [InlineData("    - workload: deployment/storefront\n", "    - { workload: deployment/storefront, probe: storefront }\n", """23:7 CD1203 spec.steadyState[0]: names both a workload and a probe; make two conditions of it """)]
    [InlineData("    - workload: deployment/storefront\n", "    - workload: probe/storefront\n", """23:7 CD1203 spec.steadyState[0]: found "probe/storefront", which is no workload; write "probe: storefront" instead """)]
    [InlineData("recoveryTime: { of: deployment/storefront", "recoveryTime: { of: deployment/storefronts", """30:27 CD1204 spec.objectives[0].recoveryTime.of: no awaitRecovery step waits for "deployment/storefronts"; did you mean "deployment/storefront"? """)]
    [InlineData("recoveryTime: { of: deployment/storefront", "recoveryTime: { of: statefulset/db", """30:27 CD1204 spec.objectives[0].recoveryTime.of: no awaitRecovery step waits for "statefulset/db"; add the step "awaitRecovery: { of: [statefulset/db] }", or add it to the list of an awaitRecovery step """)]
    [InlineData("timeout: 3m", "timeout: 40s", """28:78 CD1205 spec.steps[1].awaitRecovery.timeout: the step waits 40s, not longer than the objective for deployment/storefront and the stable time, 30s and 10s, so that a miss would have no value; write more than "40s", such as "1m10s" """)]
    [InlineData("atMost: 2s", "atMost: 100ms", """32:51 CD1207 spec.objectives[2].longestOutage.atMost: found "100ms", but the probe "storefront" samples every 100ms and cannot tell outages that short; write more than "100ms", or let the probe sample more often than every 100ms """)]
    [InlineData("maxDuration: 10m", "maxDuration: 3m", """28:78 CD1208 spec.steps[1].awaitRecovery.timeout: the step may wait 3m, but spec.guards.maxDuration ends the drill after 3m, so that a slow recovery would abort it; shorten the timeout, or write more than "3m" for maxDuration """)]
    [InlineData("    - name: Kill one pod\n", "    - wait: { for: 200s }\n    - name: Kill one pod\n", """14:18 CD1208 spec.guards.maxDuration: the limit is 10m, but waiting alone takes 10m30s, 3 times 3m30s; write more than "10m30s", or wait less """)]
    [InlineData("mode: one", "mode: fixed", """27:16 CD1117 spec.steps[0].podKill.value: mode fixed needs a number; write value: 2 """)]
    [InlineData("path: /healthz", "path: healthz", """19:52 CD1117 spec.probes[0].service.path: a path begins with /; write path: /healthz """)]
    [InlineData("  steps:\n", "  ledger: { in: configMap, preset: kubeadm }\n  steps:\n", """25:17 CD1117 spec.ledger.in: endpoints, preset and certificates are for a ledger in etcd; write in: etcd, or leave them out """)]
    [InlineData("  steps:\n", "  ledger: { in: etcd, preset: kubeadmin }\n  steps:\n", """25:31 CD1117 spec.ledger.preset: there is no preset "kubeadmin"; write kubeadm or k3s, or endpoints, ca, cert and key """)]
    [InlineData("    - recoveryTime: ", "    - dataLoss: { atMostEntries: 0 }\n    - recoveryTime: ", """30:34 CD1230 spec.objectives[0].dataLoss.atMostEntries: nothing writes entries that could be counted; add "ledger: { every: 100ms }" to spec """)]
    [InlineData("timeZone: Europe/Berlin", "timeZone: Europe/Berlni", """11:44 CD1210 spec.schedule.timeZone: found "Europe/Berlni", which is no IANA time zone; did you mean "Europe/Berlin"? """)]
    [InlineData("timeZone: Europe/Berlin", "timeZone: europe/berlin", """11:44 CD1210 spec.schedule.timeZone: found "europe/berlin", which is no IANA time zone; did you mean "Europe/Berlin"? """)]
    [InlineData("timeZone: Europe/Berlin", "timeZone: ../../etc/passwd", """11:44 CD1210 spec.schedule.timeZone: found "../../etc/passwd", which is no IANA time zone; write a name such as "Europe/Berlin" """)]
    [InlineData("timeZone: Europe/Berlin", "timeZone: Europe", """11:44 CD1210 spec.schedule.timeZone: found "Europe", which is no IANA time zone; write a name such as "Europe/Berlin" """)]
    public void Read_MeaninglessScenario_SaysWhatWhereAndHowToMendIt(string passage, string instead, string expected)
    {
        Assert.SkipWhen(expected.Contains("CD1210", StringComparison.Ordinal) && TimeZoneInfo.GetSystemTimeZones().Count <= 1, "no zone data here");
        Assert.Equal([expected.TrimEnd()], Kinds.ErrorsWith(passage, instead));
    }

    [Fact]
    public void Read_FaultThatNothingFollows_IsRefused() =>
        Assert.Equal(
            ["29:7 CD1206 spec.steps[2]: no step waits for the recovery from this fault, and a recovery time is asked for; add an awaitRecovery step after it"],
            Kinds.ErrorsWith(Await, Await + "    - podKill: { selector: app=storefront }\n"));

    [Fact]
    public void Read_FaultThatNothingFollows_IsFineWithoutRecoveryObjective() =>
        Kinds.Read(Kinds.With(Await, Await + "    - podKill: { selector: app=storefront }\n")
            .Replace("    - recoveryTime: { of: deployment/storefront, atMost: 30s }\n", "", StringComparison.Ordinal));

    [Theory]
    [InlineData("  steps:\n", "  steps: []\n  stepz:\n", "25:10 CD1114 spec.steps: the list is empty; write at least one item")]
    [InlineData("  objectives:\n", "  objectives: []\n  other:\n", "29:15 CD1114 spec.objectives: the list is empty; write at least one item")]
    public void Read_EmptyLists_AreRefused(string passage, string instead, string expected) =>
        Assert.Contains(expected, Kinds.ErrorsWith(passage, instead));

    [Fact]
    public void Read_ErrorsThatFollowFromOthers_AreNotReported()
    {
        // The probe's name is wrong; that five places then speak of an unknown probe says nothing new.
        Assert.Equal(
            "CD1113",
            Assert.Single(Kinds.ErrorsWith("- name: storefront\n", "- name: Store\n")).Split(' ')[1]);

        // A step that cannot be read may be the one that is missing.
        Assert.Equal("CD1101", Assert.Single(Kinds.ErrorsWith("- awaitRecovery:", "- awaitRecover:")).Split(' ')[1]);
    }

    [Theory]
    [InlineData("timeout: 3m", "timeout: 41s")]
    [InlineData("atMost: 2s", "atMost: 101ms")]
    [InlineData("maxDuration: 10m", "maxDuration: 181s")]
    [InlineData("timeZone: Europe/Berlin", "timeZone: Etc/UTC")]
    [InlineData("timeZone: Europe/Berlin", "timeZone: UTC")]
    public void Read_JustGoodEnough_IsAccepted(string passage, string instead) => Kinds.Read(Kinds.With(passage, instead));
}
