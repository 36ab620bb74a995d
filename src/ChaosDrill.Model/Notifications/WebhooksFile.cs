using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Model.Notifications;

/// <summary>Whom a worker tells of its drills. Written as a YAML file, which holds no secret itself.</summary>
public sealed record WebhooksFile
{
    /// <summary>The form of the file; always <c>chaosdrill.dev/v1</c>.</summary>
    [Exactly("chaosdrill.dev/v1")]
    public required string ApiVersion { get; init; }

    /// <summary>Always <c>Webhooks</c>.</summary>
    [Exactly("Webhooks")]
    public required string Kind { get; init; }

    /// <summary>Who is told.</summary>
    public required IReadOnlyList<Webhook> Webhooks { get; init; }
}

/// <summary>One address that is told by HTTP POST.</summary>
public sealed record Webhook
{
    /// <summary>What it is called in the worker's log and metrics: lower-case letters, digits and <c>-</c>.</summary>
    [DnsLabel]
    public required string Name { get; init; }

    /// <summary>File that holds the URL, relative to this one. Whoever has the URL can write there: it is a secret.</summary>
    public string? UrlFile { get; init; }

    /// <summary>Name of the environment variable that holds the URL.</summary>
    public string? UrlEnv { get; init; }

    /// <summary>What the address understands.</summary>
    public WebhookForm Form { get; init; } = WebhookForm.Json;

    /// <summary>What it is told of. Without it, everything.</summary>
    public IReadOnlyList<Occasion> On { get; init; } = [];

    /// <summary>Whether it is told of an occasion.</summary>
    public bool Wants(Occasion occasion) => On.Count == 0 || On.Contains(occasion);
}

/// <summary>What the receiver of a webhook understands.</summary>
public enum WebhookForm
{
    /// <summary>A JSON object with one field for each fact.</summary>
    Json,

    /// <summary>Slack's incoming webhooks, and what is compatible with them.</summary>
    Slack,

    /// <summary>Microsoft Teams: an adaptive card, as its workflows take it.</summary>
    Teams,
}

/// <summary>What can be told of.</summary>
public enum Occasion
{
    /// <summary>A drill begins.</summary>
    Start,

    /// <summary>A drill waits for a person's answer.</summary>
    Hold,

    /// <summary>A drill is over.</summary>
    Verdict,

    /// <summary>A drill is over, and something that it changed is not put back.</summary>
    UndoOutstanding,

    /// <summary>A whole period of a schedule has passed, and no drill of it came to pass or fail.</summary>
    Overdue,
}
