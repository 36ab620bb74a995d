using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Access;

/// <summary>Nobody may grant by roles and bindings what they do not hold themselves, unless they may escalate or bind.</summary>
/// <remarks>Source: kubernetes/kubernetes, pkg/registry/rbac/validation/rule.go and policy_compact.go.</remarks>
internal sealed class Escalation(ControlPlane plane)
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>One right: a verb on one kind of thing.</summary>
    private sealed record Right(string? ApiGroup, string? Resource, string? Name, string? Path, string Verb);

    public static bool Concerns(ResourceType type) =>
        type == BuiltInTypes.Roles || type == BuiltInTypes.ClusterRoles || type == BuiltInTypes.RoleBindings || type == BuiltInTypes.ClusterRoleBindings;

    /// <exception cref="ApiException">403: the object would grant what the user does not hold; 404: it binds a role that is not there.</exception>
    public void Check(TwinUser user, StoredObject? before, ResourceType type, string ns, JsonObject json)
    {
        var name = json.Meta().Str("name") ?? "";
        JsonArray? granted;
        AccessAttributes free;
        if (type == BuiltInTypes.Roles || type == BuiltInTypes.ClusterRoles)
        {
            if (before is not null && JsonNode.DeepEquals(before.Json["rules"], json["rules"]))
            {
                return;
            }

            granted = json.Arr("rules");
            free = new("escalate") { Group = Group, Resource = type.Plural, Namespace = ns, Name = name };
        }
        else
        {
            if (before is not null && JsonNode.DeepEquals(before.Json["subjects"], json["subjects"]))
            {
                return;
            }

            var reference = json.Obj("roleRef");
            var role = reference.Str("kind") == "Role" ? BuiltInTypes.Roles : BuiltInTypes.ClusterRoles;
            free = new("bind") { Group = Group, Resource = role.Plural, Namespace = ns, Name = reference.Str("name") ?? "" };
            granted = plane.Access.Decide(user, free).Allowed ? null : plane.Registry.Get(role, role.Namespaced ? ns : "", reference.Str("name") ?? "").Json.Arr("rules");
        }

        if (plane.Access.Decide(user, free).Allowed)
        {
            return;
        }

        var held = plane.Access.Rules(user, ns).ToList();
        var missing = granted.Objects().SelectMany(Rights).Where(right => !held.Any(rule => Covers(rule, right))).ToList();
        if (missing.Count > 0)
        {
            throw Failure.Forbidden(type, name, $"user \"{user.Name}\" (groups=[{string.Join(' ', user.Groups.Select(g => $"\"{g}\""))}]) " +
                $"is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', Describe(missing))}");
        }
    }

    private static IEnumerable<Right> Rights(JsonObject rule)
    {
        foreach (var verb in rule.Arr("verbs").Strings())
        {
            foreach (var path in rule.Arr("nonResourceURLs").Strings())
            {
                yield return new(null, null, null, path, verb);
            }

            foreach (var group in rule.Arr("apiGroups").Strings())
            {
                foreach (var resource in rule.Arr("resources").Strings())
                {
                    foreach (var name in rule.Arr("resourceNames") is { Count: > 0 } names ? names.Strings() : (IEnumerable<string?>)[null])
                    {
                        yield return new(group, resource, name, null, verb);
                    }
                }
            }
        }
    }

    private static bool Covers(JsonObject rule, Right right)
    {
        if (!Has(rule, "verbs", right.Verb))
        {
            return false;
        }

        if (right.Path is { } path)
        {
            return rule.Arr("nonResourceURLs").Strings().Any(u => u == "*" || u == path || (u.EndsWith('*') && path.StartsWith(u.TrimEnd('*'), StringComparison.Ordinal)));
        }

        var part = right.Resource!.IndexOf('/', StringComparison.Ordinal);
        return Has(rule, "apiGroups", right.ApiGroup!) &&
            (Has(rule, "resources", right.Resource) || (part > 0 && rule.Arr("resources").Strings().Contains($"*{right.Resource[part..]}"))) &&
            (rule.Arr("resourceNames") is not { Count: > 0 } names || (right.Name is not null && names.Strings().Contains(right.Name)));
    }

    /// <summary>Rights on the same thing in one line, as the server lists them.</summary>
    private static IEnumerable<string> Describe(IEnumerable<Right> rights) => rights.GroupBy(r => r with { Verb = "" }).Select(same =>
    {
        var thing = same.Key;
        var parts = thing.Path is not null ? [$"NonResourceURLs:[\"{thing.Path}\"]"] : new List<string> { $"APIGroups:[\"{thing.ApiGroup}\"]", $"Resources:[\"{thing.Resource}\"]" };
        if (thing.Name is not null)
        {
            parts.Add($"ResourceNames:[\"{thing.Name}\"]");
        }

        parts.Add($"Verbs:[{string.Join(' ', same.Select(r => $"\"{r.Verb}\""))}]");
        return $"{{{string.Join(", ", parts)}}}";
    }).Order(StringComparer.Ordinal);

    private static bool Has(JsonObject rule, string field, string value) => rule.Arr(field).Strings().Any(v => v == "*" || v == value);
}
