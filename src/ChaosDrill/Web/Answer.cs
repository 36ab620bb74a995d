using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Store;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Web;

/// <summary>What a route answers.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="MediaType">Of the text.</param>
/// <param name="Text">The body.</param>
internal sealed record Answer(int Status, string MediaType, string Text)
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>A document.</summary>
    public static Answer Ok(JsonNode node, int status = StatusCodes.Status200OK) => new(status, Json, node.ToJsonString());

    /// <summary>A text.</summary>
    public static Answer Plain(string text, string mediaType, int status = StatusCodes.Status200OK) => new(status, mediaType, text);

    /// <summary>A failure, in words.</summary>
    public static Answer Error(int status, string message) => Ok(new JsonObject { ["error"] = message }, status);

    /// <summary>A firing.</summary>
    public static JsonObject Of(Firing firing) => new()
    {
        ["id"] = firing.Id,
        ["scenario"] = firing.Scenario,
        ["askedBy"] = firing.AskedBy,
        ["scheduledAt"] = firing.ScheduledAt.ToString("O"),
        ["dueAt"] = firing.DueAt.ToString("O"),
        ["state"] = JsonNamingPolicy.CamelCase.ConvertName(firing.State.ToString()),
        ["worker"] = firing.Owner,
        ["drill"] = firing.Drill,
        ["reason"] = firing.Reason,
    };
}
