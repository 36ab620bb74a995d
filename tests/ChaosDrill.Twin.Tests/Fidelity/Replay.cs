using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>Asks a twin what was asked in a recorded scene, at the same times, and watches what was watched.</summary>
internal sealed partial class Replay
{
    private readonly VirtualClock clock;
    private readonly TwinCluster cluster;
    private readonly TwinClient client;
    private readonly IReadOnlyList<JsonObject> lines;
    private readonly List<string> differences = [];
    private readonly Dictionary<string, List<JsonObject>> seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<JsonObject>> before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);
    private string lastContinue = "";

    private Replay(VirtualClock clock, TwinCluster cluster, TwinClient client, IReadOnlyList<JsonObject> lines)
    {
        this.clock = clock;
        this.cluster = cluster;
        this.client = client;
        this.lines = lines;
    }

    /// <summary>The differences of one scene.</summary>
    public static IReadOnlyList<string> Run(string scene) => VirtualClock.Run(async clock =>
    {
        await using var cluster = new TwinCluster(new TwinOptions
        {
            Clock = clock,
            StartDelay = TimeSpan.FromMilliseconds(30),
            ReadyDelay = TimeSpan.FromMilliseconds(10),
            TerminationDelay = TimeSpan.FromMilliseconds(100),
            Velero = scene == "velero",
            VeleroVersion = "v1.3.2",
        });
        cluster.Start();
        foreach (var manifest in Scene.Setup(scene))
        {
            cluster.Apply(manifest);
        }

        using var client = new TwinClient(cluster);
        var replay = new Replay(clock, cluster, client, Recording.Read(scene));
        await replay.RunAsync();
        Assert.Equal(0, clock.ForeignPosts);
        return replay.differences;
    });

    private async Task RunAsync()
    {
        var readers = new List<Task>();
        foreach (var line in lines.Where(l => l["t"] is not null).OrderBy(When))
        {
            var wait = TimeSpan.FromSeconds(When(line)) - clock.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock);
            }

            switch (line.Str("kind"))
            {
                case "exchange":
                    await AskAsync(line);
                    break;
                case "watch-open":
                    await ListAsync(line.Str("watch")!, line.Str("path")!);
                    readers.Add(ReadAsync(line.Str("watch")!, await client.WatchAsync(Version().Replace(line.Str("path")!, "resourceVersion=now"))));
                    break;
                case "mark" when Stop().Match(line.Str("text")!) is { Success: true } stop:
                    cluster.StopKubelet(stop.Groups[1].Value);
                    break;
                case "mark" when Return().Match(line.Str("text")!) is { Success: true } back:
                    cluster.StartKubelet(back.Groups[1].Value);
                    break;
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(2), clock);
        cluster.CutWatches();
        await Task.WhenAll(readers);
        foreach (var watch in lines.Where(l => l.Str("kind") == "watch-open").Select(l => l.Str("watch")!))
        {
            differences.AddRange(Comparison.Watches(watch, lines.Where(l => l.Str("kind") == "watch-event" && l.Str("watch") == watch), seen[watch], before[watch]));
        }

        foreach (var shape in lines.Where(l => l.Str("kind") == "shape"))
        {
            differences.AddRange(Comparison.Shapes(shape.Str("watch")!, new(shape.Arr("paths").Strings(), StringComparer.Ordinal), shapes[shape.Str("watch")!]));
        }
    }

    /// <summary>Requests count when they were answered: that is when they had taken effect.</summary>
    private static double When(JsonObject line) => (double)line["t"]! + (((double?)line["ms"] ?? 0) / 1000);

    private async Task ListAsync(string watch, string path)
    {
        var answer = await client.GetAsync(path[..path.IndexOf('?', StringComparison.Ordinal)]);
        var kind = answer.Str("kind")![..^"List".Length];
        before[watch] = [.. answer.Arr("items").Objects().Select(i =>
        {
            i["kind"] = kind;
            return Recording.Note(0, watch, "BEFORE", i);
        })];
    }

    private async Task ReadAsync(string watch, WatchReader reader)
    {
        seen[watch] = [];
        shapes[watch] = new(StringComparer.Ordinal);
        using (reader)
        {
            while (await reader.NextAsync() is var (type, shown))
            {
                if (type != "BOOKMARK")
                {
                    Paths.Collect(shown, shapes[watch]);
                    seen[watch].Add(Recording.Note(clock.Elapsed.TotalSeconds, watch, type, shown));
                }
            }
        }
    }

    private async Task AskAsync(JsonObject exchange)
    {
        var request = exchange.Obj("request")!;
        var path = Continue().Replace(request.Str("path")!, m => m.Value.Contains("bogus", StringComparison.Ordinal) ? m.Value : "continue=" + lastContinue);
        await CastAsync(path);
        var body = request["body"] switch { null => null, JsonValue text => (string)text!, var json => json.ToJsonString() };
        var (status, answer) = await client.SendAsync(request.Str("method")!, Rename(path)!, Rename(body), request.Str("contentType") ?? "application/json", request.Str("accept") ?? "*/*");
        lastContinue = (answer as JsonObject).Obj("metadata").Str("continue") ?? lastContinue;
        var response = exchange.Obj("response")!;
        if ((response["body"] as JsonObject).Obj("metadata").Str("uid") is { } uid && (answer as JsonObject).Obj("metadata").Str("uid") is { } own)
        {
            names[uid] = own;
        }

        var name = $"{request.Str("method")} {Comparison.Normalize(request.Str("path")!)}{(exchange.Str("note") is { } note ? $" ({note})" : "")}";
        if (response.Int("status") != status)
        {
            differences.Add($"{name}: status {response["status"]} -> {status} {answer}");
            return;
        }

        differences.AddRange(Comparison.Answers(response["body"], answer).Select(d => $"{name}: {d}"));
    }

    /// <summary>Gives the pod that a request names its part: one of the same kind that has none yet, on the same node if it can be.</summary>
    private async Task CastAsync(string path)
    {
        if (PodPath().Match(path) is not { Success: true } match || names.ContainsKey(match.Groups[2].Value))
        {
            return;
        }

        var recorded = match.Groups[2].Value;
        var node = lines.FirstOrDefault(l => l.Str("of") == recorded && l["node"] is not null).Str("node");
        var free = (await client.GetAsync(match.Groups[1].Value)).Arr("items").Objects()
            .Where(p => p["metadata"]!["deletionTimestamp"] is null && !names.ContainsValue(p.Obj("metadata").Str("name")!) &&
                Comparison.Normalize(p.Obj("metadata").Str("name")!) == Comparison.Normalize(recorded)).ToList();
        if ((free.Find(p => p.Obj("spec").Str("nodeName") == node) ?? free.FirstOrDefault()).Obj("metadata").Str("name") is { } chosen)
        {
            names[recorded] = chosen;
        }
    }

    private string? Rename(string? text) => names.Aggregate(text, (t, n) => t?.Replace(n.Key, n.Value, StringComparison.Ordinal));

    [GeneratedRegex(@"resourceVersion=\d+")]
    private static partial Regex Version();

    [GeneratedRegex(@"continue=[^&]*")]
    private static partial Regex Continue();

    [GeneratedRegex(@"^(/api/v1/namespaces/[^/]+/pods)/([^/?]+)")]
    private static partial Regex PodPath();

    [GeneratedRegex(@"^(\w+) stops reporting$")]
    private static partial Regex Stop();

    [GeneratedRegex(@"^(\w+) returns$")]
    private static partial Regex Return();
}
