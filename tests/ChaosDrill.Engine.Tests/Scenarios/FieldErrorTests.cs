using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>What is said of a field that is wrong: each whole message, with its place.</summary>
public sealed class FieldErrorTests
{
    [Theory]
    [InlineData("every: 100ms", "every: 30", """20:14 CD1107 spec.probes[0].every: found "30", a duration needs a unit; write "30s" """)]
    [InlineData("every: 100ms", "every: 2 minutes", """20:14 CD1107 spec.probes[0].every: found "2 minutes", a duration is numbers with the units ms, s, m or h; write "2m" """)]
    [InlineData("every: 100ms", "every: 1d", """20:14 CD1107 spec.probes[0].every: found "1d", a duration is numbers with the units ms, s, m or h; write "24h" """)]
    [InlineData("every: 100ms", "every: -1s", """20:14 CD1107 spec.probes[0].every: found "-1s", a duration cannot be negative; write "30s" or the like """)]
    [InlineData("every: 100ms", "every: soon", """20:14 CD1107 spec.probes[0].every: found "soon", a duration is numbers with the units ms, s, m or h; write "500ms", "30s" or "1h30m" """)]
    [InlineData("every: 100ms", "every: 1ms", """20:14 CD1111 spec.probes[0].every: found "1ms", allowed: 10ms to 1h; write 10ms or more """)]
    [InlineData("timeout: 1s", "timeout: 6m", """21:16 CD1111 spec.probes[0].timeout: found "6m", allowed: 10ms to 5m; write 5m or less """)]
    [InlineData("every: 100ms", "every: [100ms]", """20:14 CD1104 spec.probes[0].every: found a list, needs a single value (duration); write 30s or the like """)]
    [InlineData("every: 100ms", "every:", """20:13 CD1103 spec.probes[0].every: has no value; write one, or remove the field """)]
    [InlineData("repeat: 3", "repeat: 3x", """33:11 CD1105 spec.repeat: found "3x", needs a whole number; write a whole number, such as 3 """)]
    [InlineData("repeat: 3", "repeat: \"3\"", """33:11 CD1105 spec.repeat: found "3", needs a whole number; write 3 without quotes """)]
    [InlineData("repeat: 3", "repeat: 3.0", """33:11 CD1105 spec.repeat: found the number 3.0, needs a whole number; write a whole number, such as 3 """)]
    [InlineData("repeat: 3", "repeat: 0", """33:11 CD1111 spec.repeat: found "0", allowed: 1 to 1000; write 1 or more """)]
    [InlineData("repeat: 3", "repeat: 99999999999", """33:11 CD1111 spec.repeat: found "99999999999", too large for a whole number; write a number up to 2147483647 """)]
    [InlineData("repeat: 3", "repeat: ~", """33:11 CD1103 spec.repeat: has no value; write one, or remove the field """)]
    [InlineData("nodes: 3", "nodes: 5001", """10:18 CD1111 spec.twin.nodes: found "5001", allowed: 1 to 5000; write 5000 or less """)]
    [InlineData("atLeast: 99.5%", "atLeast: 99.5", """31:51 CD1108 spec.objectives[1].availability.atLeast: found "99.5", a percentage needs its sign; write "99.5%" """)]
    [InlineData("atLeast: 99.5%", "atLeast: 0.995", """31:51 CD1108 spec.objectives[1].availability.atLeast: found "0.995", a percentage needs its sign; write "99.5%" """)]
    [InlineData("atLeast: 99.5%", "atLeast: 120%", """31:51 CD1108 spec.objectives[1].availability.atLeast: found "120%", a percentage is 0% to 100%; write 99.5% or the like """)]
    [InlineData("atLeast: 99.5%", "atLeast: 0%", """31:51 CD1111 spec.objectives[1].availability.atLeast: found "0%", allowed: 0.0001% to 100%; write 0.0001% or more """)]
    [InlineData("maxAffected: 34%", "maxAffected: most", """13:18 CD1109 spec.guards.maxAffected: found "most", needs a whole number, or a percentage from 0% to 100%; write 2 or 34% """)]
    [InlineData("maxAffected: 34%", "maxAffected: \"2\"", """13:18 CD1105 spec.guards.maxAffected: found the text "2", needs a whole number or a percentage; write 2 without quotes, or with % behind it """)]
    [InlineData("maxAffected: 34%", "maxAffected: -1", """13:18 CD1109 spec.guards.maxAffected: found the number -1, needs a whole number from 0, or a percentage; write 2 or 34% """)]
    [InlineData("maxAffected: 34%", "windows: [mon 9:00-10:00]", """13:15 CD1220 spec.guards.windows[0]: found "mon 9:00-10:00", which is no window of the week; write "mon-fri 09:00-17:00", "sat,sun 00:00-24:00" or "01:00-05:00" """)]
    [InlineData("maxAffected: 34%", "freezes: [2026-12-24..2026-12-23]", """13:15 CD1221 spec.guards.freezes[0]: found "2026-12-24..2026-12-23", which is no day and no span of days; write "2026-12-24" or "2026-12-20..2027-01-06" """)]
    [InlineData("missed: skip", "windows: [daily]", """11:69 CD1220 spec.schedule.windows[0]: found "daily", which is no window of the week; write "mon-fri 09:00-17:00", "sat,sun 00:00-24:00" or "01:00-05:00" """)]
    [InlineData("team: shop", "team: 7", """6:19 CD1105 metadata.labels.team: found the number 7, needs text; write "7" in quotes """)]
    [InlineData("team: shop", "team: true", """6:19 CD1105 metadata.labels.team: found the truth value true, needs text; write "true" in quotes """)]
    [InlineData("mode: one", "mode: ones", """27:50 CD1106 spec.steps[0].podKill.mode: found "ones", allowed: one, fixed, percent or all; did you mean "one"? """)]
    [InlineData("missed: skip", "missed: whatever", """11:67 CD1106 spec.schedule.missed: found "whatever", allowed: skip or runOnce; write skip or runOnce """)]
    [InlineData("missed: skip", "missed: run-once", """11:67 CD1106 spec.schedule.missed: found "run-once", allowed: skip or runOnce; did you mean "runOnce"? """)]
    [InlineData("missed: skip", "missed: [skip]", """11:67 CD1104 spec.schedule.missed: found a list, needs skip or runOnce; write one word, such as skip """)]
    [InlineData("path: /healthz", "tls: yes", """19:51 CD1105 spec.probes[0].service.tls: found "yes", needs true or false; write true, without quotes """)]
    [InlineData("port: 80", "port: []", """19:42 CD1104 spec.probes[0].service.port: found a list, needs a single value (text or whole number); write 80 or the like """)]
    [InlineData("port: 80", "port: 8.5", """19:42 CD1105 spec.probes[0].service.port: found the number 8.5, needs text; write "8.5" in quotes """)]
    [InlineData("selector: app=storefront", "selector: \" \"", """27:28 CD1114 spec.steps[0].podKill.selector: the text is empty; write something """)]
    [InlineData("of: [deployment/storefront]", "of: []", """28:28 CD1114 spec.steps[1].awaitRecovery.of: the list is empty; write at least one item """)]
    [InlineData("of: [deployment/storefront]", "of: deployment/storefront", """28:28 CD1104 spec.steps[1].awaitRecovery.of: found "deployment/storefront", needs a list; put "- " before the value, or brackets around it """)]
    [InlineData("of: [deployment/storefront]", "of: [storefront]", """28:29 CD1110 spec.steps[1].awaitRecovery.of[0]: found "storefront", a reference is kind/name; write "deployment/storefront" or "probe/storefront" """)]
    [InlineData("of: [deployment/storefront]", "of: [deploymnt/storefront]", """28:29 CD1110 spec.steps[1].awaitRecovery.of[0]: found "deploymnt/storefront", the kind is deployment, statefulset, daemonset, replicaset or probe; did you mean "deployment/storefront"? """)]
    [InlineData("of: [deployment/storefront]", "of: [deployment/Storefront]", """28:29 CD1110 spec.steps[1].awaitRecovery.of[0]: found "deployment/Storefront", a name is lower-case letters, digits, "-" and ".", with a letter or digit at both ends; write the name as kubectl shows it """)]
    [InlineData("name: storefront-pod-kill", "name: Storefront pod kill", """5:9 CD1113 metadata.name: found "Storefront pod kill", allowed are lower-case letters, digits and "-", a letter or digit at both ends, at most 63 characters; write "storefront-pod-kill" """)]
    [InlineData("namespace: shop", "namespace: _", """9:25 CD1113 spec.cluster.namespace: found "_", allowed are lower-case letters, digits and "-", a letter or digit at both ends, at most 63 characters; choose another name """)]
    [InlineData("kind: Scenario", "kind: Scenary", """3:7 CD1112 kind: found "Scenary", only "Scenario" is allowed; write "Scenario" """)]
    [InlineData("cluster: { namespace: shop }", "cluster: shop", """9:12 CD1104 spec.cluster: found "shop", needs fields with values; write "namespace: ...", one field a line """)]
    [InlineData("labels: { team: shop, disaster: application-failure }", "labels: [team]", """6:11 CD1104 metadata.labels: found a list, needs names with text for each; write "name: text", one a line """)]
    public void Read_OneWrongValue_SaysWhatWhereAndHowToMendIt(string passage, string instead, string expected) =>
        Assert.Equal([expected.TrimEnd()], Kinds.ErrorsWith(passage, instead));

    [Theory]
    [InlineData("stableFor: 10s", "stabelFor: 10s", """28:53 CD1101 spec.steps[1].awaitRecovery.stabelFor: unknown field "stabelFor"; did you mean "stableFor"? """)]
    [InlineData("stableFor: 10s", "stable_for: 10s", """28:53 CD1101 spec.steps[1].awaitRecovery.stable_for: unknown field "stable_for"; did you mean "stableFor"? """)]
    [InlineData("stableFor: 10s", "patience: 10s", """28:53 CD1101 spec.steps[1].awaitRecovery.patience: unknown field "patience"; allowed: of, stableFor, timeout """)]
    [InlineData("podKill:", "podKil:", """27:7 CD1101 spec.steps[0].podKil: unknown field "podKil"; did you mean "podKill"? """)]
    [InlineData("podKill:", "nodeExplode:", """27:7 CD1101 spec.steps[0].nodeExplode: unknown field "nodeExplode"; allowed: name, podKill, pause, awaitRecovery, wait, undo """)]
    [InlineData("- availability:", "- availibility:", """31:7 CD1101 spec.objectives[1].availibility: unknown field "availibility"; did you mean "availability"? """)]
    [InlineData("      service: {", "      servcie: {", """19:7 CD1101 spec.probes[0].servcie: unknown field "servcie"; did you mean "service"? """)]
    [InlineData("  probes:", "  probe:", """17:3 CD1101 spec.probe: unknown field "probe"; did you mean "probes"? """)]
    [InlineData("mode: one", "kind: one", """27:44 CD1101 spec.steps[0].podKill.kind: unknown field "kind"; allowed: selector, mode, value, gracePeriod """)]
    [InlineData("mode: one", "isFault: true", """27:44 CD1101 spec.steps[0].podKill.isFault: unknown field "isFault"; allowed: selector, mode, value, gracePeriod """)]
    [InlineData("name: Kill one pod", "source: x", """26:7 CD1101 spec.steps[0].source: unknown field "source"; allowed: name, podKill, pause, awaitRecovery, wait, undo """)]
    [InlineData("podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }", "pause: { for: 3s }", """27:16 CD1101 spec.steps[0].pause.for: unknown field "for"; it has no fields """)]
    [InlineData("labels: {", "\"la\\u202ebels\": {", "6:3 CD1101 metadata[\"la\\u{202e}bels\"]: unknown field \"la\\u{202e}bels\"; did you mean \"labels\"? ")]
    public void Read_UnknownField_NamesTheNearest(string passage, string instead, string expected) =>
        Assert.Equal([expected.TrimEnd()], Kinds.ErrorsWith(passage, instead));

    [Theory]
    [InlineData("      service: { name: storefront, port: 80, path: /healthz }   # through the API server's service proxy\n", "", """18:7 CD1115 spec.probes[0]: a probe must say what it is; add one of: service, http """)]
    [InlineData("    - recoveryTime: { of: deployment/storefront, atMost: 30s }\n", "    - {}\n", """30:7 CD1115 spec.objectives[0]: an objective must say what it is; add one of: recoveryTime, availability, longestOutage, latency, restoreTime, dataLoss, restoreFidelity, backupAge, promql, timeToDetect, slo, writeOutage """)]
    [InlineData("every: 100ms", "http: { url: http://shop }", """20:7 CD1116 spec.probes[0].http: a probe is one thing, and this one is already service (line 19); make it a probe of its own """)]
    [InlineData("selector: app=storefront, ", "", """27:16 CD1102 spec.steps[0].podKill.selector: the required field "selector" is missing; add "selector: storefront" """)]
    [InlineData("  cluster: { namespace: shop }            # context: NAME for a real cluster\n", "", """8:3 CD1102 spec.cluster: the required field "cluster" is missing; add "cluster: ..." """)]
    [InlineData("kind: Scenario\n", "", """2:1 CD1102 kind: the required field "kind" is missing; add "kind: Scenario" """)]
    [InlineData("timeout: 1s", "every: 1s", """21:7 CD1014 the field "every" is written twice, first in line 20, column 7; keep one of the two """)]
    public void Read_FieldsMissingOrTooMany_SaysWhich(string passage, string instead, string expected) =>
        Assert.Equal([expected.TrimEnd()], Kinds.ErrorsWith(passage, instead));

    [Fact]
    public void Read_SeveralErrors_NamesAllInFileOrder() =>
        Assert.Equal(
            [
                """5:3 CD1101 metadata.nmae: unknown field "nmae"; did you mean "name"?""",
                """16:18 CD1202 spec.guards.abortWhen[0].probe: the scenario has no probe "storefrnt"; did you mean "storefront"?""",
                """21:16 CD1107 spec.probes[0].timeout: found "1", a duration needs a unit; write "1s" """.TrimEnd(),
                """33:11 CD1111 spec.repeat: found "0", allowed: 1 to 1000; write 1 or more""",
            ],
            Kinds.Errors(Kinds.Storefront
                .Replace("  name: storefront-pod-kill", "  nmae: storefront-pod-kill", StringComparison.Ordinal)
                .Replace("{ probe: storefront, failingFor", "{ probe: storefrnt, failingFor", StringComparison.Ordinal)
                .Replace("timeout: 1s", "timeout: 1", StringComparison.Ordinal)
                .Replace("repeat: 3", "repeat: 0", StringComparison.Ordinal)));

    [Fact]
    public void Read_AnotherKindOfFile_SaysOnlyThat() =>
        Assert.Equal(
            [
                """1:13 CD1112 apiVersion: found "apps/v1", only "chaosdrill.dev/v1" is allowed; write "chaosdrill.dev/v1" """.TrimEnd(),
                """2:7 CD1112 kind: found "Deployment", only "Scenario" is allowed; write "Scenario" """.TrimEnd(),
            ],
            Kinds.Errors("apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\nspec: { replicas: 3 }\n"));

    [Theory]
    [InlineData("port: 80", "port: http")]
    [InlineData("port: 80", "port: \"80\"")]
    [InlineData("repeat: 3", "repeat: 0x10")]
    [InlineData("repeat: 3", "repeat: 0o17")]
    [InlineData("repeat: 3", "repeat: +3")]
    [InlineData("team: shop", "team: yes")]
    [InlineData("team: shop", "team: no")]
    [InlineData("team: shop", "team: 2026-11-21")]
    [InlineData("team: shop", "team: 12:30:45")]
    [InlineData("team: shop", "team: \"\"")]
    [InlineData("team: shop", "team: 'null'")]
    [InlineData("gracePeriod: 0s", "gracePeriod: 0")]
    [InlineData("gracePeriod: 0s", "gracePeriod: \"0s\"")]
    [InlineData("maxAffected: 34%", "maxAffected: 2")]
    [InlineData("mode: one", "mode: \"one\"")]
    [InlineData("path: /healthz", "tls: True")]
    [InlineData("of: [deployment/storefront]", "of: [deploy/storefront, probe/storefront]")]
    public void Read_OtherWaysToWriteIt_AreUnderstood(string passage, string instead) => Kinds.Read(Kinds.With(passage, instead));
}
