using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Model.Notifications;

namespace ChaosDrill.Worker.Notifications;

/// <summary>Writes a notification as its receiver understands it.</summary>
/// <remarks>
/// Sources: docs.slack.dev (incoming webhooks; formatting: &amp;, &lt; and &gt; are escaped and nothing else), learn.microsoft.com (Teams
/// workflows: a message with one adaptive card, version 1.4).
/// </remarks>
internal static class WebhookBody
{
    /// <summary>Teams refuses messages of more than 28 KB.</summary>
    private const int MostText = 2000;

    /// <summary>The body of the request, as JSON.</summary>
    public static string Of(WebhookForm form, Notification told, string worker, DateTimeOffset at) => (form switch
    {
        WebhookForm.Slack => Slack(told),
        WebhookForm.Teams => Teams(told),
        _ => Plain(told, worker, at),
    }).ToJsonString();

    private static JsonObject Plain(Notification told, string worker, DateTimeOffset at)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "chaosdrill.dev/v1",
            ["kind"] = "Notification",
            ["occasion"] = JsonNamingPolicy.CamelCase.ConvertName(told.Occasion.ToString()),
            ["at"] = at.ToString("O"),
            ["worker"] = worker,
            ["title"] = told.Title,
            ["text"] = told.Text,
        };
        foreach (var fact in told.Facts.GroupBy(f => f.Name))
        {
            // What can be there several times is a list, also when it is there once.
            body[fact.Key] = fact.Key == "left" ? new JsonArray([.. fact.Select(f => (JsonNode?)f.Value)])
                : fact.Key == "undoComplete" ? fact.Single().Value == "true"
                : (JsonNode?)fact.First().Value;
        }

        return body;
    }

    private static JsonObject Slack(Notification told) =>
        new() { ["text"] = $"*{Escaped(told.Title)}*\n{Escaped(Short(told.Text))}{string.Concat(Shown(told).Select(f => $"\n{f.Name}: {Escaped(f.Value!)}"))}" };

    private static JsonObject Teams(Notification told) => new()
    {
        ["type"] = "message",
        ["attachments"] = new JsonArray(new JsonObject
        {
            ["contentType"] = "application/vnd.microsoft.card.adaptive",
            ["contentUrl"] = null,
            ["content"] = new JsonObject
            {
                ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
                ["type"] = "AdaptiveCard",
                ["version"] = "1.4",
                ["body"] = new JsonArray(
                    new JsonObject { ["type"] = "TextBlock", ["size"] = "Medium", ["weight"] = "Bolder", ["wrap"] = true, ["text"] = told.Title },
                    new JsonObject { ["type"] = "TextBlock", ["wrap"] = true, ["text"] = Short(told.Text) },
                    new JsonObject
                    {
                        ["type"] = "FactSet",
                        ["facts"] = new JsonArray([.. Shown(told).Select(f => (JsonNode)new JsonObject { ["title"] = f.Name, ["value"] = f.Value })]),
                    }),
            },
        }),
    };

    // What title and text say already is not said again.
    private static IEnumerable<(string Name, string? Value)> Shown(Notification told) =>
        told.Facts.Where(f => f.Name is "drill" or "cluster" or "namespace" && f.Value is not null);

    private static string Short(string text) => text.Length <= MostText ? text : text[..MostText] + "...";

    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
