using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChaosDrill.Twin.Api.Access;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The mistakes that the server refuses, as far as drills and their authors meet them.</summary>
internal static partial class Validation
{
    private const string SubdomainRule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string LabelRule = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string ServiceRule = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private const string LabelValueRule = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static List<FieldError> Of(ResourceType type, JsonObject json)
    {
        var errors = new List<FieldError>();
        Name(type, json.Meta(), errors);
        Labels(json.Meta(), "metadata.labels", errors);
        Spec(type, json, errors);
        return errors;
    }

    public static List<FieldError> OfUpdate(ResourceType type, JsonObject old, JsonObject json)
    {
        var errors = new List<FieldError>();
        Labels(json.Meta(), "metadata.labels", errors);
        if (type == BuiltInTypes.Pods)
        {
            PodUpdate(old, json, errors);
            return errors;
        }

        Spec(type, json, errors);
        switch (type.Kind)
        {
            case "Deployment" or "ReplicaSet" or "DaemonSet" or "Job" when !JsonNode.DeepEquals(old["spec"]?["selector"], json["spec"]?["selector"]):
                errors.Add(FieldError.Invalid("spec.selector", json["spec"]?["selector"], "field is immutable"));
                break;
            case "StatefulSet" when !JsonNode.DeepEquals(Fixed(old), Fixed(json)):
                errors.Add(FieldError.Forbidden("spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"));
                break;
            case "RoleBinding" or "ClusterRoleBinding" when !JsonNode.DeepEquals(old["roleRef"], json["roleRef"]):
                errors.Add(FieldError.Invalid("roleRef", json["roleRef"], "cannot change roleRef"));
                break;
            case "ConfigMap" or "Secret" when old.Bool("immutable") == true && (!JsonNode.DeepEquals(old["data"], json["data"]) || json.Bool("immutable") != true):
                errors.Add(FieldError.Forbidden("data", "field is immutable when `immutable` is set"));
                break;
            case "Secret" when old.Str("type") != json.Str("type"):
                errors.Add(FieldError.Invalid("type", json["type"], "field is immutable"));
                break;
            case "Service" when old.Obj("spec").Str("clusterIP") is { Length: > 0 } address && json.Obj("spec").Str("clusterIP") != address && json.Obj("spec").Str("type") != "ExternalName":
                errors.Add(FieldError.Invalid("spec.clusterIPs[0]", json["spec"]?["clusterIPs"]?.DeepClone(), "may not change once set"));
                break;
        }

        return errors;
    }

    /// <summary>What of a stateful set cannot change.</summary>
    private static JsonObject Fixed(JsonObject set)
    {
        var spec = set.Obj("spec")!.Copy();
        foreach (var free in (string[])["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"])
        {
            spec.Remove(free);
        }

        return spec;
    }

    private static void Name(ResourceType type, JsonObject metadata, List<FieldError> errors)
    {
        if (metadata.Str("name") is not { Length: > 0 } name)
        {
            errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
            return;
        }

        if (type.Group == "rbac.authorization.k8s.io")
        {
            // Names of roles go into a path and may be anything else, colons too.
            if (name is "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Contains('%', StringComparison.Ordinal))
            {
                errors.Add(FieldError.Invalid("metadata.name", name, name is "." or ".." ? $"may not be '{name}'" : $"may not contain '{(name.Contains('/', StringComparison.Ordinal) ? '/' : '%')}'"));
            }

            return;
        }

        var (pattern, rule, limit) = type.Kind switch
        {
            "Namespace" => (Label(), LabelRule, 63),
            "Service" => (ServiceName(), ServiceRule, 63),
            _ => (Subdomain(), SubdomainRule, 253),
        };
        if (!pattern.IsMatch(name))
        {
            errors.Add(FieldError.Invalid("metadata.name", name, rule));
        }
        else if (name.Length > limit)
        {
            errors.Add(FieldError.Invalid("metadata.name", name, $"must be no more than {limit} {(limit == 63 ? "characters" : "bytes")}"));
        }
    }

    private static void Labels(JsonObject metadata, string field, List<FieldError> errors)
    {
        foreach (var (_, value) in metadata.Obj("labels") ?? [])
        {
            var text = value.AsStr() ?? "";
            if (!LabelValue().IsMatch(text))
            {
                errors.Add(FieldError.Invalid(field, text, LabelValueRule));
            }
            else if (text.Length > 63)
            {
                errors.Add(FieldError.Invalid(field, text, "must be no more than 63 bytes"));
            }
        }
    }

    private static void Spec(ResourceType type, JsonObject json, List<FieldError> errors)
    {
        errors.AddRange(type.Check?.Invoke(json) ?? []);
        var spec = json.Obj("spec") ?? [];
        switch (type.Kind)
        {
            case "Deployment" or "ReplicaSet" or "DaemonSet" or "StatefulSet":
                Workload(spec, errors);
                break;
            case "Job":
                Containers(spec.Obj("template").Obj("spec") ?? [], "spec.template.spec", errors);
                if (spec.Obj("template").Obj("spec").Str("restartPolicy") is not ("OnFailure" or "Never"))
                {
                    errors.Add(FieldError.Required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""));
                }

                break;
            case "Pod":
                Containers(spec, "spec", errors);
                break;
            case "Service" when spec.Str("type") != "ExternalName" && spec.Str("clusterIP") != "None" && spec.Arr("ports") is not { Count: > 0 }:
                errors.Add(FieldError.Required("spec.ports"));
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                AccessRules.Binding(type, json, errors);
                break;
            case "Role" or "ClusterRole":
                AccessRules.Role(type, json, errors);
                break;
            case "PodDisruptionBudget" when spec["minAvailable"] is not null && spec["maxUnavailable"] is not null:
                errors.Add(FieldError.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
                break;
            case "Lease" when spec.Int("leaseDurationSeconds") is <= 0:
                errors.Add(FieldError.Invalid("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], "must be greater than 0"));
                break;
        }
    }

    private static void Workload(JsonObject spec, List<FieldError> errors)
    {
        if (spec.Int("replicas") is < 0)
        {
            errors.Add(FieldError.Invalid("spec.replicas", spec["replicas"], "must be greater than or equal to 0"));
        }

        var selector = spec.Obj("selector");
        if (selector is null)
        {
            errors.Add(FieldError.Required("spec.selector"));
        }
        else if (selector.Count == 0 || (selector.Obj("matchLabels") is null or { Count: 0 } && selector.Arr("matchExpressions") is null or { Count: 0 }))
        {
            errors.Add(FieldError.Invalid("spec.selector", selector, "empty selector is invalid for deployment"));
        }

        var labels = spec.Obj("template").Obj("metadata").Obj("labels");
        if (!LabelSelector.FromObject(selector).Matches(labels))
        {
            errors.Add(FieldError.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
        }

        Containers(spec.Obj("template").Obj("spec") ?? [], "spec.template.spec", errors);
        if (spec.Obj("template").Obj("spec").Str("restartPolicy") is { } policy and not "Always")
        {
            errors.Add(FieldError.NotSupported("spec.template.spec.restartPolicy", policy, "Always"));
        }
    }

    private static void Containers(JsonObject spec, string path, List<FieldError> errors)
    {
        var containers = spec.Arr("containers");
        if (containers is not { Count: > 0 })
        {
            errors.Add(FieldError.Required($"{path}.containers"));
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var at = 0;
        foreach (var container in containers.Objects())
        {
            var field = $"{path}.containers[{at++}]";
            var name = container.Str("name");
            if (name is not { Length: > 0 })
            {
                errors.Add(FieldError.Required($"{field}.name"));
            }
            else if (!Label().IsMatch(name))
            {
                errors.Add(FieldError.Invalid($"{field}.name", name, LabelRule));
            }
            else if (!names.Add(name))
            {
                errors.Add(FieldError.Duplicate($"{field}.name", name));
            }

            if (container.Str("image") is not { Length: > 0 })
            {
                errors.Add(FieldError.Required($"{field}.image"));
            }

            var ports = 0;
            foreach (var port in container.Arr("ports").Objects())
            {
                if (port.Int("containerPort") is null or < 1 or > 65535)
                {
                    errors.Add(port["containerPort"] is null ? FieldError.Required($"{field}.ports[{ports}].containerPort")
                        : FieldError.Invalid($"{field}.ports[{ports}].containerPort", port["containerPort"], "must be between 1 and 65535, inclusive"));
                }

                ports++;
            }
        }
    }

    private static void PodUpdate(JsonObject old, JsonObject json, List<FieldError> errors)
    {
        if (JsonNode.DeepEquals(old["spec"], json["spec"]))
        {
            return;
        }

        var before = Mutable(old);
        var after = Mutable(json);
        if (!JsonNode.DeepEquals(before, after))
        {
            errors.Add(FieldError.Forbidden("spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
        }

        static JsonObject Mutable(JsonObject pod)
        {
            var spec = pod.Obj("spec")!.Copy();
            spec.Remove("activeDeadlineSeconds");
            spec.Remove("tolerations");
            foreach (var container in spec.Arr("containers").Objects().Concat(spec.Arr("initContainers").Objects()))
            {
                container.Remove("image");
            }

            return spec;
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();
}
