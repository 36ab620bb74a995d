using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The limit ranges of a namespace: what containers get that ask for nothing, and what they may ask for. Source: kubernetes plugin/pkg/admission/limitranger.</summary>
/// <remarks>Containers only: limits of whole pods and of claims, and ratios of limit to request, are kept and not looked at.</remarks>
internal static class LimitRanges
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    /// <summary>What a limit range that leaves it out means: the default is the maximum, the default request the default, or else the minimum.</summary>
    public static void Default(JsonObject range)
    {
        foreach (var limit in range.Obj("spec").Arr("limits").Objects().Where(l => l.Str("type") == "Container"))
        {
            Fill("default", "max");
            Fill("defaultRequest", "default");
            Fill("defaultRequest", "min");

            void Fill(string field, string from)
            {
                foreach (var (resource, amount) in limit.Obj(from) ?? [])
                {
                    limit.Child(field).Default(resource, amount?.DeepClone());
                }
            }
        }
    }

    /// <summary>Gives a new pod's containers the defaults, then refuses what is out of range.</summary>
    public static void Admit(IEnumerable<StoredObject> ranges, JsonObject pod)
    {
        List<JsonObject> limits = [.. ranges.SelectMany(r => r.Spec.Arr("limits").Objects()).Where(l => l.Str("type") == "Container")];
        List<JsonObject> containers = [.. pod.Obj("spec").Arr("containers").Objects()];
        var set = new List<string>();
        foreach (var container in containers)
        {
            Give(container, "requests", "defaultRequest", "request");
            Give(container, "limits", "default", "limit");
        }

        if (set.Count > 0)
        {
            pod.Meta().Child("annotations")[Annotation] = $"LimitRanger plugin set: {string.Join("; ", set)}";
        }

        List<string> errors = [.. from limit in limits from container in containers from error in Errors(limit, container.Obj("resources")) select error];
        if (errors.Count > 0)
        {
            throw Failure.Forbidden(BuiltInTypes.Pods, pod.Meta().Str("name") ?? "", errors is [var single] ? single : $"[{string.Join(", ", errors)}]");
        }

        void Give(JsonObject container, string field, string from, string what)
        {
            var given = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (resource, amount) in limits.SelectMany(l => l.Obj(from) ?? []))
            {
                if (container.Obj("resources").Obj(field)?[resource] is null)
                {
                    container.Child("resources").Child(field)[resource] = amount?.DeepClone();
                    given.Add(resource);
                }
            }

            if (given.Count > 0)
            {
                set.Add($"{string.Join(", ", given)} {what} for container {container.Str("name")}");
            }
        }
    }

    private static IEnumerable<string> Errors(JsonObject limit, JsonObject? resources)
    {
        foreach (var (resource, amount) in limit.Obj("min") ?? [])
        {
            var bound = $"minimum {resource} usage per Container is {amount}";
            if (Asked("requests", resource) is not { } request)
            {
                yield return $"{bound}.  No request is specified";
            }
            else if (request < Quantity.Parse(amount))
            {
                yield return $"{bound}, but request is {Text("requests", resource)}";
            }
            else if (Asked("limits", resource) < Quantity.Parse(amount))
            {
                yield return $"{bound}, but limit is {Text("limits", resource)}";
            }
        }

        foreach (var (resource, amount) in limit.Obj("max") ?? [])
        {
            var bound = $"maximum {resource} usage per Container is {amount}";
            if (Asked("limits", resource) is not { } most)
            {
                yield return $"{bound}.  No limit is specified";
            }
            else if (most > Quantity.Parse(amount))
            {
                yield return $"{bound}, but limit is {Text("limits", resource)}";
            }
            else if (Asked("requests", resource) > Quantity.Parse(amount))
            {
                yield return $"{bound}, but request is {Text("requests", resource)}";
            }
        }

        decimal? Asked(string field, string resource) => Quantity.Parse(resources.Obj(field)?[resource]);
        string? Text(string field, string resource) => resources.Obj(field)?[resource]?.ToString();
    }
}
