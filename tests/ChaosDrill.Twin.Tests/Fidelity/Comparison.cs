using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>What the twin answered and showed beside what was recorded: one line for each difference.</summary>
/// <remarks>Names' random parts, uids, versions, times and addresses are not compared.</remarks>
internal static partial class Comparison
{
    /// <summary>Fields whose values cannot be the same; which objects have them is compared by shape.</summary>
    private static readonly string[] Volatile = ["uid", "resourceVersion", "managedFields", "continue", "pod-template-hash", "controller-revision-hash"];

    /// <summary>Differences of two answers, value by value.</summary>
    public static IEnumerable<string> Answers(JsonNode? recorded, JsonNode? actual, string path = "")
    {
        switch (recorded, actual)
        {
            case (JsonObject left, JsonObject right):
                foreach (var key in left.Select(p => p.Key).Union(right.Select(p => p.Key)).Where(k => !Volatile.Contains(k)))
                {
                    if (!left.ContainsKey(key) || !right.ContainsKey(key))
                    {
                        yield return $"{path}.{key}: {(left.ContainsKey(key) ? "missing" : "added " + right[key]?.ToJsonString())}";
                        continue;
                    }

                    foreach (var difference in Answers(left[key], right[key], $"{path}.{key}"))
                    {
                        yield return difference;
                    }
                }

                break;
            case (JsonArray left, JsonArray right) when Keyed(left) is { } there && Keyed(right) is { } here:
                foreach (var key in there.Keys.Union(here.Keys))
                {
                    var differences = !here.TryGetValue(key, out var own) ? [$"{path}[{key}]: missing"]
                        : !there.TryGetValue(key, out var theirs) ? [$"{path}[{key}]: added"] : Answers(theirs, own, $"{path}[{key}]");
                    foreach (var difference in differences)
                    {
                        yield return difference;
                    }
                }

                if (!there.Keys.Where(here.ContainsKey).SequenceEqual(here.Keys.Where(there.ContainsKey)))
                {
                    yield return $"{path}: in another order";
                }

                break;
            case (JsonArray left, JsonArray right):
                if (left.Count != right.Count)
                {
                    yield return $"{path}: {left.Count} -> {right.Count} items";
                }

                for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
                {
                    foreach (var difference in Answers(left[i], right[i], $"{path}[{i}]"))
                    {
                        yield return difference;
                    }
                }

                break;
            case (JsonValue left, JsonValue right) when left.GetValueKind() == JsonValueKind.String && right.GetValueKind() == JsonValueKind.String:
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

    /// <summary>Differences of what two watches showed: how each fact of each object went, and the shape of the objects.</summary>
    public static IEnumerable<string> Watches(string watch, IEnumerable<JsonObject> recorded, IEnumerable<JsonObject> actual, IReadOnlyList<JsonObject> before)
    {
        var (left, right) = (Stories(recorded, before), Stories(actual, before));
        foreach (var story in left.Keys.Union(right.Keys).Order(StringComparer.Ordinal))
        {
            var (there, here) = (left.GetValueOrDefault(story), right.GetValueOrDefault(story));
            if (there != here)
            {
                yield return $"watch {watch}: {Times(there)} there, {Times(here)} here: {story}";
            }
        }
    }

    public static IEnumerable<string> Shapes(string watch, SortedSet<string> recorded, SortedSet<string> actual) =>
    [
        .. recorded.Select(Normalize).Except(actual.Select(Normalize)).Select(p => $"shape of {watch}: missing {p}"),
        .. actual.Select(Normalize).Except(recorded.Select(Normalize)).Select(p => $"shape of {watch}: added {p}"),
    ];

    /// <summary>The items of a list by what tells them apart; null where nothing does.</summary>
    private static OrderedDictionary<string, JsonObject>? Keyed(JsonArray list)
    {
        var items = new OrderedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var item in list)
        {
            var json = item as JsonObject;
            if ((json.Str("name") ?? json.Str("resource") ?? json.Str("subresource") ?? json.Str("version") ?? json.Str("type") ?? json.Obj("metadata").Str("name")) is not { } key ||
                !items.TryAdd(Normalize(key), json!))
            {
                return null;
            }
        }

        return items;
    }

    /// <summary>How many objects went through which course of a fact.</summary>
    /// <param name="notes">The events of a watch.</param>
    /// <param name="before">What was there when it began.</param>
    private static Dictionary<string, int> Stories(IEnumerable<JsonObject> notes, IReadOnlyList<JsonObject> before)
    {
        var courses = new Dictionary<(string Of, string Fact), List<string>>();
        foreach (var note in notes)
        {
            var of = note.Str("of")!;
            foreach (var (fact, _) in note.Obj("facts")!)
            {
                var said = Said(note, fact);
                if (!courses.TryGetValue((of, fact), out var course))
                {
                    courses[(of, fact)] = course = note.Str("type") == "ADDED" ? ["new"] : [.. before.Where(b => Normalize(b.Str("of")!) == Normalize(of)).Take(1).Select(b => Said(b, fact))];
                }

                if (course.Count == 0 || course[^1] != said)
                {
                    course.Add(said);
                }
            }
        }

        return courses.Where(c => c.Value.Count > 1).GroupBy(c => $"{Normalize(c.Key.Of)} {c.Key.Fact}: {string.Join(" > ", Turns(c.Value))}").ToDictionary(g => g.Key, g => g.Count());
    }

    /// <summary>Leaves out the numbers at which a count only goes on as it went.</summary>
    private static IEnumerable<string> Turns(List<string> course)
    {
        for (var i = 0; i < course.Count; i++)
        {
            if (i == 0 || i == course.Count - 1 ||
                !int.TryParse(course[i - 1], out var before) || !int.TryParse(course[i], out var now) || !int.TryParse(course[i + 1], out var after) ||
                now > before != after > now)
            {
                yield return course[i];
            }
        }
    }

    private static string Said(JsonObject note, string fact) => note.Str("type") == "DELETED" ? "gone" : Normalize(note.Obj("facts")![fact]?.ToString() ?? "");

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    public static string Normalize(string text) =>
        Age().Replace(ReplicaSet().Replace(Pod().Replace(Access().Replace(Uid().Replace(Time().Replace(Address().Replace(Node().Replace(text, "NODE"), "ADDRESS"), "TIME"), "UID"), "kube-api-access-X"), "$1-POD"), "$1-SET"), "AGE");

    [GeneratedRegex(@"\b([a-z])-([a-z0-9]{8,10}-)?[bcdfghjklmnpqrstvwxz2456789]{5}\b")]
    private static partial Regex Pod();

    [GeneratedRegex(@"\b([a-z])-[a-z0-9]{7,10}\b")]
    private static partial Regex ReplicaSet();

    [GeneratedRegex(@"kube-api-access-[a-z0-9]{5}")]
    private static partial Regex Access();

    [GeneratedRegex(@"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Time();

    [GeneratedRegex(@"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")]
    private static partial Regex Address();

    [GeneratedRegex(@"^\d+[smh]$")]
    private static partial Regex Age();

    [GeneratedRegex(@"\bnode\d\b|^z[1-3]$")]
    private static partial Regex Node();
}
