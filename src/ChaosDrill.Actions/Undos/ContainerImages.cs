using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>The images of a pod spec's containers, wherever in an object that spec stands.</summary>
/// <param name="SpecPath">JSON pointer of the pod spec: <c>/spec</c> in a pod, <c>/spec/template/spec</c> in a workload.</param>
/// <param name="Before">The images before, by the container's name.</param>
internal sealed record ContainerImages(string SpecPath, IReadOnlyDictionary<string, string> Before)
{
    /// <summary>The images of a pod spec, by the container's name.</summary>
    public static Dictionary<string, string> Of(JsonNode? spec) => Containers(spec).ToDictionary(c => (string)c["name"]!, c => (string?)c["image"] ?? "");

    /// <summary>Whether the images are those before, all of them the broken one, or something else.</summary>
    public Standing Standing(JsonNode? spec, string broken)
    {
        var now = Of(spec);
        return Before.Keys.All(c => now.GetValueOrDefault(c) == broken) ? Undos.Standing.Drill
            : Before.All(i => now.GetValueOrDefault(i.Key) == i.Value) ? Undos.Standing.Original
            : Undos.Standing.Other;
    }

    /// <summary>The operations that give the containers other images.</summary>
    public IEnumerable<JsonPatchOperation> Setting(JsonNode? spec, Func<string, string> imageOf) => Containers(spec)
        .Select((container, index) => (Name: (string)container["name"]!, Index: index))
        .Where(c => Before.ContainsKey(c.Name))
        .Select(c => JsonPatchOperation.Replace($"{SpecPath}/containers/{c.Index.ToString(CultureInfo.InvariantCulture)}/image", imageOf(c.Name)));

    /// <summary>In words.</summary>
    public string Shown(JsonNode? spec) => "image " + string.Join(", ", Of(spec).Where(i => Before.ContainsKey(i.Key)).Select(i => i.Value).Distinct());

    public JsonObject ToJson() => new(Before.Select(i => KeyValuePair.Create(i.Key, (JsonNode?)i.Value)));

    public static Dictionary<string, string> FromJson(JsonNode json) => json.AsObject().ToDictionary(i => i.Key, i => (string)i.Value!);

    private static IEnumerable<JsonObject> Containers(JsonNode? spec) => (spec?["containers"] as JsonArray ?? []).OfType<JsonObject>();
}
