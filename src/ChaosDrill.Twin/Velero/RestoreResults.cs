using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Velero;

/// <summary>Warnings and errors of a backup or a restore, as the results file lists them.</summary>
internal sealed class RestoreResults
{
    private readonly List<(string? Namespace, string Text)> warnings = [];
    private readonly List<(string? Namespace, string Text)> errors = [];

    public int Warnings => warnings.Count;

    public int Errors => errors.Count;

    public void Warn(string? ns, string text) => warnings.Add((ns, text));

    public void Fail(string? ns, string text) => errors.Add((ns, text));

    public JsonObject Json() => new() { ["warnings"] = Part(warnings), ["errors"] = Part(errors) };

    public static JsonObject Of(IEnumerable<string> warnings, IEnumerable<string> errors)
    {
        var results = new RestoreResults();
        results.warnings.AddRange(warnings.Select(w => ((string?)null, w)));
        results.errors.AddRange(errors.Select(e => ((string?)null, e)));
        return results.Json();
    }

    private static JsonObject Part(List<(string? Namespace, string Text)> messages)
    {
        var part = new JsonObject();
        var server = messages.Where(m => m.Namespace is null).Select(m => (JsonNode)m.Text).ToList();
        if (server.Count > 0)
        {
            part["velero"] = JsonReading.ToArray(server);
        }

        var namespaces = new JsonObject();
        foreach (var group in messages.Where(m => m.Namespace is not null).GroupBy(m => m.Namespace!))
        {
            namespaces[group.Key] = JsonReading.ToArray(group.Select(m => (JsonNode)m.Text));
        }

        if (namespaces.Count > 0)
        {
            part["namespaces"] = namespaces;
        }

        return part;
    }
}
