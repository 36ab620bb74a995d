using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ChaosDrill.Reports.Documents;
using ChaosDrill.Reports.Templates;

namespace ChaosDrill.Reports.Playbooks;

/// <summary>What a playbook was made from, kept in a comment at its end, so that it can be told when it is stale.</summary>
public sealed partial record PlaybookSeal
{
    private const string Open = "<!-- chaosdrill-playbook ";

    private const string Close = " -->";

    /// <summary>The disaster.</summary>
    public required string Disaster { get; init; }

    /// <summary>Name and digest of each scenario.</summary>
    public required IReadOnlyDictionary<string, string> Scenarios { get; init; }

    /// <summary>What the commands name, such as <c>namespace</c> and <c>workload</c>.</summary>
    public required IReadOnlyDictionary<string, string> Names { get; init; }

    /// <summary>The newest drill of each scenario that has one.</summary>
    public required IReadOnlyDictionary<string, string> LatestDrills { get; init; }

    /// <summary>Digest of the template and of all partials.</summary>
    public required string Template { get; init; }

    /// <summary>Digest of the text, without the parts that people fill in.</summary>
    public required string Text { get; init; }

    /// <summary>The seal of a text.</summary>
    internal static PlaybookSeal Of(string disaster, IReadOnlyList<DrilledScenario> scenarios, ClusterNames names, TemplateFolder templates, string text) => new()
    {
        Disaster = disaster,
        Scenarios = Sorted(scenarios.Select(s => (s.Scenario.Metadata.Name, s.Scenario.Origin.Digest))),
        Names = Sorted(
        [
            ("cluster", names.Cluster.Name), ("version", names.Cluster.Version), ("namespace", names.Namespace), ("workload", names.Workload.ToString()),
            ("selector", names.Selector), ("service", names.Service ?? ""), ("nodes", string.Join(' ', names.Nodes)),
            ("targets", string.Join(' ', names.Targets.Select(t => t.ToString().Replace(' ', ':')))),
        ]),
        LatestDrills = Sorted(scenarios.Where(s => s.Drills.Count > 0).Select(s => (s.Scenario.Metadata.Name, s.Drills[^1].Record.Header.Id))),
        Template = templates.DigestOf(disaster + ".md.hbs"),
        Text = Digest(HumanParts.Blank(text)),
    };

    /// <summary>Reads the seal of a playbook.</summary>
    /// <returns>Null when the text has none: ChaosDrill did not write it.</returns>
    public static PlaybookSeal? Read(string text)
    {
        var at = text.LastIndexOf(Open, StringComparison.Ordinal);
        var end = at < 0 ? -1 : text.IndexOf(Close, at + Open.Length, StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(text.AsSpan(at + Open.Length, end - at - Open.Length), SealJson.Default.PlaybookSeal);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether somebody changed the text outside of the parts that people fill in.</summary>
    public bool IsTouched(string text) => Digest(HumanParts.Blank(text[..text.LastIndexOf(Open, StringComparison.Ordinal)])) != Text;

    /// <summary>
    /// Why a playbook no longer says what a fresh one would say, one sentence each; empty when it does.
    /// </summary>
    /// <param name="fresh">The seal of the playbook as it would be written now.</param>
    public IReadOnlyList<string> StaleAgainst(PlaybookSeal fresh) =>
    [
        .. Differences(Scenarios, fresh.Scenarios, (name, was, now) =>
            was is null ? $"scenario {name} is new for this disaster" : now is null ? $"scenario {name} is gone" : $"scenario {name} has changed"),
        .. Differences(Names, fresh.Names, (name, was, now) => $"{name} was \"{was}\", is \"{now}\""),
        .. Differences(LatestDrills, fresh.LatestDrills, (name, was, now) =>
            now is null ? $"drill {was} is no longer in the store" : $"newer drill of {name}: {now}"),
        .. Template == fresh.Template ? Array.Empty<string>() : ["the template has changed"],
    ];

    /// <summary>A text with the seal at its end.</summary>
    internal string Append(string text) => $"{text.TrimEnd()}\n\n{Open}{JsonSerializer.Serialize(this, SealJson.Default.PlaybookSeal)}{Close}\n";

    private static IEnumerable<string> Differences(
        IReadOnlyDictionary<string, string> was, IReadOnlyDictionary<string, string> now, Func<string, string?, string?, string> tell) =>
        was.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Where(k => was.GetValueOrDefault(k) != now.GetValueOrDefault(k))
            .Select(k => tell(k, was.GetValueOrDefault(k), now.GetValueOrDefault(k)));

    private static SortedDictionary<string, string> Sorted(IEnumerable<(string Name, string Value)> pairs)
    {
        SortedDictionary<string, string> sorted = new(StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
        {
            sorted[name] = value;
        }

        return sorted;
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.TrimEnd() + "\n")));

    // Its escapes keep "--" and ">" of a name from ending the comment.
    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(PlaybookSeal))]
    private sealed partial class SealJson : JsonSerializerContext;
}
