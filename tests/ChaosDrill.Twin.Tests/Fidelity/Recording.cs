using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>One recorded scene, trimmed: exchanges whole, of watch events the facts, of watches the shape of what they showed.</summary>
internal static class Recording
{
    /// <summary>Where the untrimmed recordings are, when they are to be trimmed anew.</summary>
    private static readonly string? Untrimmed = Environment.GetEnvironmentVariable("CHAOSDRILL_RECORDINGS");

    /// <summary>The lines of a scene.</summary>
    public static IReadOnlyList<JsonObject> Read(string scene)
    {
        var kept = Path.Combine("Recordings", scene + ".jsonl");
        if (Untrimmed is null)
        {
            return [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, kept)).Select(Parse)];
        }

        var lines = Trim(File.ReadLines(Path.Combine(Untrimmed, scene + ".jsonl")).Select(Parse));
        File.WriteAllLines(Path.Combine(Repository.Root, "tests", "ChaosDrill.Twin.Tests", kept), lines.Select(l => l.ToJsonString(Relaxed)));
        return lines;
    }

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonObject Parse(string line) => (JsonObject)JsonNode.Parse(line)!;

    private static List<JsonObject> Trim(IEnumerable<JsonObject> whole)
    {
        var lines = new List<JsonObject>();
        var shapes = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var line in whole)
        {
            switch (line.Str("kind"))
            {
                case "exchange":
                    DropManagers(line["response"]);
                    lines.Add(line);
                    break;
                case "watch-event" when line.Obj("event").Str("type") is var type and not "BOOKMARK":
                    var seen = line.Obj("event").Obj("object")!;
                    var watch = line.Str("watch")!;
                    shapes.TryAdd(watch, []);
                    Paths.Collect(seen, shapes[watch]);
                    lines.Add(Note(line["t"]!.DeepClone(), watch, type!, seen));
                    break;
                case "mark" or "watch-open":
                    lines.Add(line);
                    break;
            }
        }

        lines.AddRange(shapes.Select(s => new JsonObject { ["kind"] = "shape", ["watch"] = s.Key, ["paths"] = JsonReading.ToArray(s.Value.Select(p => (JsonNode?)p)) }));
        return lines;
    }

    /// <summary>What is kept of a watch event.</summary>
    public static JsonObject Note(JsonNode time, string watch, string type, JsonObject seen)
    {
        var note = new JsonObject { ["kind"] = "watch-event", ["t"] = time, ["watch"] = watch, ["type"] = type, ["of"] = WatchFacts.Subject(seen), ["facts"] = WatchFacts.Of(seen) };
        if (seen.Obj("spec").Str("nodeName") is { } node)
        {
            note["node"] = node;
        }

        return note;
    }

    private static void DropManagers(JsonNode? node)
    {
        if (node is JsonObject json)
        {
            json.Remove("managedFields");
            foreach (var (_, value) in json)
            {
                DropManagers(value);
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                DropManagers(item);
            }
        }
    }
}
