using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Access;

/// <summary>Defaults and validation of roles and bindings.</summary>
internal static class AccessRules
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Defaults(JsonObject json)
    {
        if (json.Obj("roleRef") is { } reference && reference.Str("apiGroup") is not { Length: > 0 })
        {
            reference["apiGroup"] = Group;
        }

        foreach (var subject in json.Arr("subjects").Objects())
        {
            if (subject.Str("kind") is "User" or "Group" && subject.Str("apiGroup") is not { Length: > 0 })
            {
                subject["apiGroup"] = Group;
            }
        }
    }

    public static void Role(ResourceType type, JsonObject json, List<FieldError> errors)
    {
        var at = 0;
        foreach (var rule in json.Arr("rules").Objects())
        {
            var field = $"rules[{at++}]";
            if (rule.Arr("verbs") is not { Count: > 0 })
            {
                errors.Add(FieldError.Required($"{field}.verbs", "verbs must contain at least one value"));
            }

            if (rule.Arr("nonResourceURLs") is { Count: > 0 } urls)
            {
                if (type.Namespaced)
                {
                    errors.Add(FieldError.Invalid($"{field}.nonResourceURLs", urls.DeepClone(), "namespaced rules cannot apply to non-resource URLs"));
                }
                else if (rule.Arr("apiGroups") is { Count: > 0 } || rule.Arr("resources") is { Count: > 0 } || rule.Arr("resourceNames") is { Count: > 0 })
                {
                    errors.Add(FieldError.Invalid($"{field}.nonResourceURLs", urls.DeepClone(), "rules cannot apply to both regular resources and non-resource URLs"));
                }

                continue;
            }

            if (rule.Arr("apiGroups") is not { Count: > 0 })
            {
                errors.Add(FieldError.Required($"{field}.apiGroups", "resource rules must supply at least one api group"));
            }

            if (rule.Arr("resources") is not { Count: > 0 })
            {
                errors.Add(FieldError.Required($"{field}.resources", "resource rules must supply at least one resource"));
            }
        }
    }

    public static void Binding(ResourceType type, JsonObject json, List<FieldError> errors)
    {
        var reference = json.Obj("roleRef");
        string[] kinds = type.Namespaced ? ["ClusterRole", "Role"] : ["ClusterRole"];
        if (reference.Str("apiGroup") is { } group and not Group)
        {
            errors.Add(FieldError.NotSupported("roleRef.apiGroup", group, Group));
        }

        if (!kinds.Contains(reference.Str("kind")))
        {
            errors.Add(FieldError.NotSupported("roleRef.kind", reference.Str("kind") ?? "", kinds));
        }

        if (reference.Str("name") is not { Length: > 0 })
        {
            errors.Add(FieldError.Required("roleRef.name"));
        }

        var at = 0;
        foreach (var subject in json.Arr("subjects").Objects())
        {
            var field = $"subjects[{at++}]";
            if (subject.Str("name") is not { Length: > 0 })
            {
                errors.Add(FieldError.Required($"{field}.name"));
            }

            switch (subject.Str("kind"))
            {
                case "User" or "Group" when subject.Str("apiGroup") is var own and not Group:
                    errors.Add(FieldError.NotSupported($"{field}.apiGroup", own ?? "", Group));
                    break;
                case "User" or "Group":
                    break;
                case "ServiceAccount":
                    if (!type.Namespaced && subject.Str("namespace") is not { Length: > 0 })
                    {
                        errors.Add(FieldError.Required($"{field}.namespace"));
                    }

                    break;
                case var other:
                    errors.Add(FieldError.NotSupported($"{field}.kind", other ?? "", "Group", "ServiceAccount", "User"));
                    break;
            }
        }
    }
}
