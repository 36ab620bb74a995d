using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Access;

/// <summary>Decides from roles and bindings who may do what, as the RBAC authorizer does.</summary>
internal sealed class RoleAuthorizer(ObjectStore store)
{
    private const string Masters = "system:masters";

    /// <summary>Whether it is allowed; and why, or which roles were missing.</summary>
    internal sealed record Decision(bool Allowed, string Reason);

    /// <summary>The rules that reach a user, and where from.</summary>
    private sealed record Grant(JsonObject Rule, string By);

    public Decision Decide(TwinUser user, AccessAttributes wanted)
    {
        if (user.Groups.Contains(Masters))
        {
            return new(true, "");
        }

        var missing = new List<string>();
        foreach (var grant in Grants(user, wanted.Namespace, missing))
        {
            if (Allows(grant.Rule, wanted))
            {
                return new(true, $"RBAC: allowed by {grant.By}");
            }
        }

        return new(false, missing switch { [] => "", [var one] => $"RBAC: {one}", _ => $"RBAC: [{string.Join(", ", missing)}]" });
    }

    /// <exception cref="ApiException">403: it is not allowed.</exception>
    public void Demand(TwinUser user, AccessAttributes wanted)
    {
        if (Decide(user, wanted) is { Allowed: false } refused)
        {
            throw wanted.Refuse(user, refused.Reason);
        }
    }

    /// <summary>Every rule that reaches a user in a namespace, cluster-wide ones first.</summary>
    public IEnumerable<JsonObject> Rules(TwinUser user, string ns) => Grants(user, ns, []).Select(g => g.Rule);

    private IEnumerable<Grant> Grants(TwinUser user, string ns, List<string> missing)
    {
        foreach (var binding in store.List(BuiltInTypes.ClusterRoleBindings))
        {
            foreach (var grant in Of(binding, user, "", missing))
            {
                yield return grant;
            }
        }

        if (ns.Length > 0)
        {
            foreach (var binding in store.List(BuiltInTypes.RoleBindings, ns))
            {
                foreach (var grant in Of(binding, user, ns, missing))
                {
                    yield return grant;
                }
            }
        }
    }

    private IEnumerable<Grant> Of(StoredObject binding, TwinUser user, string ns, List<string> missing)
    {
        if (binding.Json.Arr("subjects").Objects().FirstOrDefault(s => Means(s, user, ns)) is not { } subject)
        {
            return [];
        }

        var reference = binding.Json.Obj("roleRef");
        var (kind, name) = (reference.Str("kind") ?? "", reference.Str("name") ?? "");
        var role = kind == "ClusterRole" ? store.Find(BuiltInTypes.ClusterRoles, "", name) : store.Find(BuiltInTypes.Roles, ns, name);
        if (role is null)
        {
            missing.Add($"{kind.ToLowerInvariant()}.rbac.authorization.k8s.io \"{name}\" not found");
            return [];
        }

        var (bound, home) = ns.Length == 0 ? (binding.Name, "") : ($"{binding.Name}/{ns}", ns);
        var who = subject.Str("kind") == "ServiceAccount" ? $"{subject.Str("name")}/{subject.Str("namespace") ?? home}" : subject.Str("name");
        var by = $"{binding.Type.Kind} \"{bound}\" of {kind} \"{name}\" to {subject.Str("kind")} \"{who}\"";
        return role.Json.Arr("rules").Objects().Select(rule => new Grant(rule, by));
    }

    private static bool Means(JsonObject subject, TwinUser user, string ns) => subject.Str("kind") switch
    {
        "User" => subject.Str("name") == user.Name,
        "Group" => user.Groups.Contains(subject.Str("name")),
        "ServiceAccount" => user.Name == TwinUser.NameOfServiceAccount(subject.Str("namespace") is { Length: > 0 } home ? home : ns, subject.Str("name") ?? ""),
        _ => false,
    };

    private static bool Allows(JsonObject rule, AccessAttributes wanted)
    {
        if (!Has(rule, "verbs", wanted.Verb))
        {
            return false;
        }

        if (wanted.Path is { } path)
        {
            return rule.Arr("nonResourceURLs").Strings().Any(u => u == "*" || u == path || (u.EndsWith('*') && path.StartsWith(u.TrimEnd('*'), StringComparison.Ordinal)));
        }

        return Has(rule, "apiGroups", wanted.Group) &&
            rule.Arr("resources").Strings().Any(r => r == "*" || r == wanted.FullResource || (wanted.Subresource.Length > 0 && r == $"*/{wanted.Subresource}")) &&
            (rule.Arr("resourceNames") is not { Count: > 0 } names || names.Strings().Contains(wanted.Name));
    }

    private static bool Has(JsonObject rule, string field, string value) => rule.Arr(field).Strings().Any(v => v == "*" || v == value);
}
