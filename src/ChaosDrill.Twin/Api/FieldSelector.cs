using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>A field selector: exact comparisons of the few fields that each kind offers.</summary>
internal sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    private static readonly Dictionary<ResourceType, string[]> Offered = new()
    {
        [BuiltInTypes.Pods] = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"],
        [BuiltInTypes.Events] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        [BuiltInTypes.Nodes] = ["spec.unschedulable"],
        [BuiltInTypes.Namespaces] = ["status.phase"],
        [BuiltInTypes.Secrets] = ["type"],
        [BuiltInTypes.ReplicaSets] = ["status.replicas"],
        [BuiltInTypes.Services] = ["spec.clusterIP", "spec.type"],
    };

    private readonly List<(string Field, string Value, bool Equal)> terms;

    private FieldSelector(List<(string Field, string Value, bool Equal)> terms) => this.terms = terms;

    public bool IsEverything => terms.Count == 0;

    /// <summary>The one name that can match, if the selector asks for one.</summary>
    public string? Name => terms.Find(t => t is { Field: "metadata.name", Equal: true }).Value;

    public string? NodeName => terms.Find(t => t is { Field: "spec.nodeName", Equal: true }).Value is { Length: > 0 } node ? node : null;

    public static FieldSelector Parse(ResourceType type, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var terms = new List<(string, string, bool)>();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = term.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw Failure.BadRequest($"invalid selector: '{text}'; can't understand '{term}'");
            }

            var equal = term[at - 1] != '!';
            var field = equal ? term[..at] : term[..(at - 1)];
            var value = term[(at + 1)..];
            value = value.StartsWith('=') ? value[1..] : value;
            if (field is not ("metadata.name" or "metadata.namespace"))
            {
                var offered = Offered.GetValueOrDefault(type);
                if (offered is null)
                {
                    throw Failure.BadRequest($"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
                }

                if (!offered.Contains(field))
                {
                    throw Failure.BadRequest($"field label not supported: {field}");
                }
            }

            terms.Add((field, value, equal));
        }

        return new FieldSelector(terms);
    }

    public bool Matches(StoredObject stored)
    {
        foreach (var (field, value, equal) in terms)
        {
            if (ValueOf(stored, field) == value != equal)
            {
                return false;
            }
        }

        return true;
    }

    private static string ValueOf(StoredObject stored, string field)
    {
        switch (field)
        {
            case "metadata.name":
                return stored.Name;
            case "metadata.namespace":
                return stored.Namespace;
            case "source":
                return stored.Json.Obj("source").Str("component") ?? stored.Json.Str("reportingComponent") ?? "";
        }

        JsonNode? node = stored.Json;
        foreach (var part in field.Split('.'))
        {
            node = (node as JsonObject)?[part];
        }

        return node switch
        {
            null when field is "spec.unschedulable" or "spec.hostNetwork" => "false",
            null => field == "status.replicas" ? "0" : "",
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            _ => node.ToJsonString(),
        };
    }
}
