using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using YamlDotNet.Core;

namespace ChaosDrill.Twin;

/// <summary>Applies manifests to a cluster from within.</summary>
internal static class Manifest
{
    public static void Apply(ControlPlane plane, string yaml)
    {
        var number = 0;
        foreach (var (json, line) in Read(yaml))
        {
            number++;
            var where = $"document {number} (line {line})";
            if (json is not JsonObject document)
            {
                throw new TwinManifestException($"{where}: found {json.GetValueKind()}, expected an object with apiVersion, kind and metadata.");
            }

            if (document.Str("kind") == "List")
            {
                foreach (var item in document.Arr("items").Objects())
                {
                    ApplyOne(plane, item.Copy(), where);
                }
            }
            else
            {
                ApplyOne(plane, document, where);
            }
        }
    }

    private static List<(JsonNode Json, int Line)> Read(string yaml)
    {
        try
        {
            return YamlText.Documents(yaml);
        }
        catch (YamlException wrong)
        {
            var reason = wrong.InnerException?.Message ?? wrong.Message;
            // What is wrong with a tab is where it is, not where the word before it began.
            var at = reason.Contains("tab", StringComparison.Ordinal) ? wrong.End : wrong.Start;
            throw new TwinManifestException($"line {at.Line}, column {at.Column}: {reason}", wrong);
        }
    }

    private static void ApplyOne(ControlPlane plane, JsonObject document, string where)
    {
        var apiVersion = document.Str("apiVersion");
        var kind = document.Str("kind");
        if (apiVersion is null || kind is null)
        {
            throw new TwinManifestException($"{where}: {(kind is null ? "kind" : "apiVersion")} is missing.");
        }

        if (plane.Catalog.ByKind(apiVersion, kind) is not { Virtual: false } type)
        {
            var known = string.Join(", ", plane.Catalog.Types.Where(t => !t.Virtual).Select(t => $"{t.Kind} ({t.ApiVersion})"));
            throw new TwinManifestException($"{where}: the twin has no kind \"{kind}\" in \"{apiVersion}\"; it has {known}.");
        }

        var metadata = document.Obj("metadata");
        var name = metadata.Str("name");
        if (name is not { Length: > 0 } && metadata.Str("generateName") is null)
        {
            throw new TwinManifestException($"{where}: {kind} has no metadata.name.");
        }

        var ns = type.Namespaced ? metadata.Str("namespace") ?? "default" : "";
        try
        {
            if (name is { Length: > 0 } && plane.Store.Find(type, ns, name) is { } current)
            {
                plane.Registry.Update(current, MergePatch.Apply(current.Json, document));
            }
            else
            {
                plane.Registry.Create(type, ns, document);
            }
        }
        catch (ApiException refused)
        {
            throw new TwinManifestException($"{where}: {refused.Message}", refused);
        }
    }
}
