using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;
using ChaosDrill.Store;

namespace ChaosDrill.Views;

/// <summary>The documents that <c>--output json</c> prints. What the model knows is written as the model writes it.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions Readable = new(DrillJson.Indented.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A finished drill.</summary>
    public static string Of(DrillRecord record, Judgement judgement, ExitCode code, string? report, string store)
    {
        var header = record.Header;
        var plan = Node(header.Plan, DrillJson.Default.Plan);
        var document = new JsonObject
        {
            ["drill"] = header.Id,
            ["scenario"] = header.Scenario,
            ["outcome"] = Word(judgement.Outcome),
            ["exitCode"] = (int)code,
            ["startedAt"] = header.StartedAt.ToString("O"),
            ["virtualTime"] = header.VirtualTime,
            ["cluster"] = plan["cluster"]!.DeepClone(),
            ["namespace"] = header.Plan.Namespace,
            ["seed"] = header.Plan.Seed,
        };
        foreach (var (name, value) in Node(judgement, DrillJson.Default.Judgement))
        {
            document.TryAdd(name, value?.DeepClone());
        }

        document["refusals"] = plan["refusals"]!.DeepClone();
        document["paths"] = new JsonObject
        {
            ["store"] = store,
            ["report"] = report is null ? null : Path.GetFullPath(report),
        };
        return Write(document);
    }

    /// <summary>A stored drill with its timeline.</summary>
    public static string Of(DrillRecord record, Judgement judgement, DrillSummary summary)
    {
        var document = new JsonObject
        {
            ["drill"] = record.Header.Id,
            ["state"] = Word(summary.State),
            ["outcome"] = Word(judgement.Outcome),
            ["judgement"] = Node(judgement, DrillJson.Default.Judgement),
            ["record"] = Node(record, DrillJson.Default.DrillRecord),
        };
        return Write(document);
    }

    /// <summary>A plan.</summary>
    public static string Of(Plan plan) => Write(Node(plan, DrillJson.Default.Plan));

    /// <summary>The history.</summary>
    public static string Of(IEnumerable<DrillSummary> drills) => Write(new JsonArray([.. drills.Select(Line)]));

    /// <summary>An error, so that a program that reads standard output finds one document there in any case.</summary>
    public static string Error(ExitCode code, string message) =>
        Write(new JsonObject { ["exitCode"] = (int)code, ["error"] = message });

    /// <summary>A node as text, indented; a page never embeds it, so that plus signs and quotes may stay as they are.</summary>
    public static string Write(JsonNode node) => node.ToJsonString(Readable);

    /// <summary>A word of the model as the documents write it: <c>notProved</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static JsonNode Line(DrillSummary drill) => new JsonObject
    {
        ["drill"] = drill.Id,
        ["scenario"] = drill.Scenario,
        ["cluster"] = drill.Cluster,
        ["startedAt"] = drill.StartedAt.ToString("O"),
        ["duration"] = drill.Duration?.TotalSeconds,
        ["state"] = Word(drill.State),
        ["outcome"] = drill.Outcome is { } outcome ? Word(outcome) : null,
        ["reason"] = drill.Reason,
        ["undoComplete"] = drill.UndoComplete,
    };

    private static JsonObject Node<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToNode(value, type)!.AsObject();
}
