using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ChaosDrill.Twin.Tests;

/// <summary>Replays what was asked of a real 1.36.2 control plane, and compares what it answered with what the twin answers.</summary>
public sealed partial class RecordingTests
{
    /// <summary>Differences that are meant, each with its reason.</summary>
    private static readonly (string Path, string Reason)[] Allowed =
    [
        (@"openshift-service-ca", "the recorded server was built from a downstream tree that adds a config map"),
        (@"\.spec\.volumes\[0\]\.projected\.sources", "the same config map is mounted into every pod there"),
        (@"\.items: 3 -> 2$", "the same config map is listed there"),
        (@"\.status\.(allocatedResources|resources)|containerStatuses\[\d+\]\.(allocatedResources|resources|volumeMounts|started|state|ready|imageID|containerID)", "the simulated kubelet reports fewer details, and at its own pace"),
        (@"\.status\.(phase|podIP|podIPs|conditions\[\d+\].*|readyReplicas|availableReplicas|unavailableReplicas|updatedReplicas|replicas|terminatingReplicas|observedGeneration|conditions)\b", "where a rollout stands at an instant depends on the speed of the machines"),
        (@"\.status\.conditions", "the same"),
        (@"\.hostIP", "the same"),
        (@"\.status: missing", "kubelets report at their own pace"),
        (@"columnDefinitions\[\d+\]\.description", "descriptions of columns are shortened"),
        (@"\.rows\[\d+\]\.cells\[[1-9]\]", "the same, and ages and addresses of another cluster"),
        (@"\.rows\[\d+\]\.object\.metadata\.(labels|annotations)", "nodes of another cluster"),
        (@"\.annotations\.deployment\.kubernetes\.io/revision", "the revision is written when the controller gets to it"),
        (@"nonResourceRules: 4 -> 3$", "the recorded server also lets service accounts read the keys of its token issuer"),
        (@"nonResourceRules\[", "bindings come in no particular order there"),
        (@"\.metadata\.(continue|remainingItemCount)", "tokens are opaque"),
        (@"\.ca\.crt", "another authority"),
        (@"\.metadata\.labels\.topology", "zones of another cluster"),
        (@"\.kube-api-access", "random names"),
        (@"pod-template-hash", "the hash of a template is a hash of Go structures; the twin hashes JSON"),
    ];

    [Theory]
    [InlineData("errors")]
    [InlineData("crud")]
    public void Twin_AskedAsRecorded_AnswersAsRecorded(string scene)
    {
        var differences = new List<string>();
        VirtualClock.Run(async clock =>
        {
            var options = new TwinOptions
            {
                Clock = clock,
                StartDelay = TimeSpan.FromMilliseconds(100),
                ReadyDelay = TimeSpan.FromMilliseconds(50),
                TerminationDelay = TimeSpan.FromMilliseconds(100),
            };
            await using var cluster = new TwinCluster(options);
            cluster.Start();
            using var client = new TwinClient(cluster);
            var uids = new Dictionary<string, string>();
            var lastContinue = "";
            foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Recordings", scene + ".jsonl")))
            {
                var exchange = JsonNode.Parse(line)!;
                var wait = TimeSpan.FromSeconds((double)exchange["t"]!) - clock.Elapsed;
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, clock);
                }

                var request = exchange["request"]!;
                var path = Continue().Replace((string)request["path"]!, m => m.Value.Contains("bogus", StringComparison.Ordinal) ? m.Value : "continue=" + lastContinue);
                var body = request["body"] switch { null => null, JsonValue text => (string)text!, var json => json.ToJsonString() };
                foreach (var (recorded, actual) in uids)
                {
                    body = body?.Replace(recorded, actual, StringComparison.Ordinal);
                }

                var (status, answer) = await client.SendAsync((string)request["method"]!, path, body, (string?)request["contentType"] ?? "application/json", (string?)request["accept"] ?? "*/*");
                lastContinue = (string?)(answer as JsonObject)?["metadata"]?["continue"] ?? lastContinue;
                var expected = exchange["response"]!;
                if (expected["body"]?.GetValueKind() == System.Text.Json.JsonValueKind.Object && expected["body"]!["metadata"]?["uid"] is { } uid && (answer as JsonObject)?["metadata"]?["uid"] is { } own)
                {
                    uids[(string)uid!] = (string)own!;
                }

                var name = $"{exchange["note"]} {request["method"]} {request["path"]}";
                if ((int)expected["status"]! != status)
                {
                    differences.Add($"{name}: status {expected["status"]} -> {status} {answer}");
                }

                differences.AddRange(Compare(expected["body"], answer, "").Where(d => !Allowed.Any(a => Regex.IsMatch(d, a.Path))).Select(d => $"{name}: {d}"));
            }

            Assert.Equal(0, clock.ForeignPosts);
        });
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static IEnumerable<string> Compare(JsonNode? recorded, JsonNode? actual, string path)
    {
        switch (recorded, actual)
        {
            case (JsonObject left, JsonObject right):
                foreach (var key in left.Select(p => p.Key).Union(right.Select(p => p.Key)))
                {
                    if (key is "uid" or "resourceVersion" or "managedFields")
                    {
                        continue;
                    }

                    if (!left.ContainsKey(key) || !right.ContainsKey(key))
                    {
                        yield return $"{path}.{key}: {(left.ContainsKey(key) ? "missing" : "added " + right[key]?.ToJsonString())}";
                        continue;
                    }

                    foreach (var difference in Compare(left[key], right[key], $"{path}.{key}"))
                    {
                        yield return difference;
                    }
                }

                break;
            case (JsonArray left, JsonArray right):
                if (left.Count != right.Count)
                {
                    yield return $"{path}: {left.Count} -> {right.Count}";
                }

                for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
                {
                    foreach (var difference in Compare(left[i], right[i], $"{path}[{i}]"))
                    {
                        yield return difference;
                    }
                }

                break;
            case (JsonValue left, JsonValue right) when left.GetValueKind() == System.Text.Json.JsonValueKind.String && right.GetValueKind() == System.Text.Json.JsonValueKind.String:
                if (Normalize((string)left!) != Normalize((string)right!))
                {
                    yield return $"{path}: {left} -> {right}";
                }

                break;
            default:
                if (!JsonNode.DeepEquals(recorded, actual))
                {
                    yield return $"{path}: {recorded?.ToJsonString()} -> {actual?.ToJsonString()}";
                }

                break;
        }
    }

    private static string Normalize(string text) => PodName().Replace(AccessName().Replace(Uid().Replace(Time().Replace(Node().Replace(text, "NODE"), "TIME"), "UID"), "kube-api-access-X"), "a-HASH");

    [GeneratedRegex(@"continue=[^&]*")]
    private static partial Regex Continue();

    [GeneratedRegex(@"\ba-[a-z0-9]{7,10}-?([a-z0-9]{5})?\b")]
    private static partial Regex PodName();

    [GeneratedRegex(@"kube-api-access-[a-z0-9]{5}")]
    private static partial Regex AccessName();

    [GeneratedRegex(@"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")]
    private static partial Regex Time();

    [GeneratedRegex(@"^node\d$")]
    private static partial Regex Node();
}
