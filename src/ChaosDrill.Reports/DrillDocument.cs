using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ChaosDrill.Model.Drills;
using ChaosDrill.Reports.Wording;

namespace ChaosDrill.Reports;

/// <summary>A drill as one JSON document, for programs: header, judgement, last word and the whole timeline.</summary>
public static class DrillDocument
{
    private const string ApiVersion = "chaosdrill.dev/v1";

    private const string Kind = "Drill";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes the document: camelCase, instants and durations in seconds, one timeline entry a line.</summary>
    /// <remarks>What looks like a secret is blacked out; all else comes back from <see cref="Parse"/> as it was.</remarks>
    public static string Json(DrillRecord record, Judgement judgement)
    {
        var text = Head(record, judgement);
        for (var i = 0; i < record.Timeline.Count; i++)
        {
            text.Append(i == 0 ? "\n    " : ",\n    ");
            text.Append(Redacted(record.Timeline[i], DrillJson.Default.TimelineEntry)?.ToJsonString());
        }

        return text.Append(record.Timeline.Count > 0 ? "\n  ]\n}\n" : "]\n}\n").ToString();
    }

    /// <summary>In which line of the document, from 1, each timeline entry stands, by its sequence.</summary>
    internal static IReadOnlyDictionary<long, int> Lines(DrillRecord record, Judgement judgement)
    {
        var first = Head(record, judgement).ToString().AsSpan().Count('\n') + 2;
        Dictionary<long, int> lines = new(record.Timeline.Count);
        for (var i = 0; i < record.Timeline.Count; i++)
        {
            lines[record.Timeline[i].Sequence] = first + i;
        }

        return lines;
    }

    /// <summary>Reads a document that <see cref="Json"/> wrote.</summary>
    /// <exception cref="JsonException">It is none, or one that this version does not know.</exception>
    public static (DrillRecord Record, Judgement Judgement) Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("apiVersion", out var version) || version.GetString() != ApiVersion
            || !root.TryGetProperty("kind", out var kind) || kind.GetString() != Kind)
        {
            throw new JsonException($"not a document of apiVersion {ApiVersion}, kind {Kind}");
        }

        var timeline = root.GetProperty("timeline").EnumerateArray().Select(e => Read(e, DrillJson.Default.TimelineEntry)).ToList();
        var end = root.TryGetProperty("end", out var last) ? Read(last, DrillJson.Default.DrillEnd) : null;
        return (
            new DrillRecord(Read(root.GetProperty("header"), DrillJson.Default.DrillHeader), timeline, end),
            Read(root.GetProperty("judgement"), DrillJson.Default.Judgement));
    }

    private static StringBuilder Head(DrillRecord record, Judgement judgement)
    {
        var text = new StringBuilder();
        text.Append("{\n  \"apiVersion\": \"").Append(ApiVersion).Append("\",\n  \"kind\": \"").Append(Kind).Append("\",\n");
        Member(text, "header", record.Header, DrillJson.Default.DrillHeader);
        Member(text, "judgement", judgement, DrillJson.Default.Judgement);
        if (record.End is not null)
        {
            Member(text, "end", record.End, DrillJson.Default.DrillEnd);
        }

        return text.Append("  \"timeline\": [");
    }

    private static T Read<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : class => element.Deserialize(type) ?? throw new JsonException("null");

    private static void Member<T>(StringBuilder text, string name, T value, JsonTypeInfo<T> type)
    {
        var lines = Redacted(value, type)?.ToJsonString(Indented) ?? "null";
        text.Append("  \"").Append(name).Append("\": ").Append(lines.Replace("\n", "\n  ", StringComparison.Ordinal)).Append(",\n");
    }

    private static JsonNode? Redacted<T>(T value, JsonTypeInfo<T> type) => Redact(JsonSerializer.SerializeToNode(value, type));

    private static JsonNode? Redact(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, member) in members.ToList())
                {
                    Replace(Redact(member), member, changed => members[name] = changed);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Replace(Redact(items[i]), items[i], changed => items[i] = changed);
                }

                break;
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                var before = text.GetValue<string>();
                var after = Redaction.Of(before);
                return ReferenceEquals(before, after) || before == after ? text : JsonValue.Create(after);
        }

        return node;
    }

    private static void Replace(JsonNode? after, JsonNode? before, Action<JsonNode?> set)
    {
        if (!ReferenceEquals(after, before))
        {
            set(after);
        }
    }
}
