using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>The commands of a pod spec's containers, wherever in an object that spec stands.</summary>
/// <param name="SpecPath">JSON pointer of the pod spec, such as <c>/spec/template/spec</c>.</param>
/// <param name="Before">The commands before, by the container's name; null for a container that runs what its image says.</param>
internal sealed record ContainerCommands(string SpecPath, JsonObject Before)
{
    /// <summary>The commands of a pod spec, by the container's name.</summary>
    public static JsonObject Of(JsonNode? spec) => new(Containers(spec).Select(c => KeyValuePair.Create((string)c["name"]!, c["command"]?.DeepClone())));

    /// <summary>Whether the commands are those before, all of them the broken one, or something else.</summary>
    public Standing Standing(JsonNode? spec, JsonArray broken)
    {
        var now = Of(spec);
        return Before.All(c => JsonNode.DeepEquals(now[c.Key], broken)) ? Undos.Standing.Drill
            : Before.All(c => now.ContainsKey(c.Key) && JsonNode.DeepEquals(now[c.Key], c.Value)) ? Undos.Standing.Original
            : Undos.Standing.Other;
    }

    /// <summary>The operations that give the containers other commands; null stands for what the image says.</summary>
    public IEnumerable<JsonPatchOperation> Setting(JsonNode? spec, Func<string, JsonNode?> commandOf)
    {
        foreach (var (index, container) in Containers(spec).Index().Where(c => Before.ContainsKey((string)c.Item["name"]!)))
        {
            var pointer = $"{SpecPath}/containers/{index.ToString(CultureInfo.InvariantCulture)}/command";
            if (commandOf((string)container["name"]!) is { } command)
            {
                yield return JsonPatchOperation.Add(pointer, command.DeepClone());
            }
            else if (container.ContainsKey("command"))
            {
                yield return JsonPatchOperation.Remove(pointer);
            }
        }
    }

    /// <summary>In words.</summary>
    public string Shown(JsonNode? spec) =>
        "command " + string.Join(", ", Of(spec).Where(c => Before.ContainsKey(c.Key)).Select(c => c.Value?.ToJsonString() ?? "of the image").Distinct());

    private static IEnumerable<JsonObject> Containers(JsonNode? spec) => (spec?["containers"] as JsonArray ?? []).OfType<JsonObject>();
}
