using ChaosDrill.Model.Plans;

namespace ChaosDrill.Engine.Planning;

/// <summary>One rule of a role.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resources">Plurals, with subresources after a slash.</param>
/// <param name="Verbs">What may be done with them.</param>
/// <param name="Names">The objects that it holds for; empty for all.</param>
/// <param name="Reasons">What it is needed for.</param>
public sealed record AccessRule(
    string Group, IReadOnlyList<string> Resources, IReadOnlyList<string> Verbs, IReadOnlyList<string> Names, IReadOnlyList<string> Reasons)
{
    /// <summary>As it stands in a role, on one line of YAML.</summary>
    public override string ToString() =>
        $"{{ apiGroups: {List([Group])}, resources: {List(Resources)}{(Names.Count == 0 ? "" : $", resourceNames: {List(Names)}")}, verbs: {List(Verbs)} }}";

    // Quoted throughout: a name may look like a number, and the core group is empty.
    private static string List(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(i => $"\"{i}\""))}]";
}

/// <summary>From the rights that are needed to the rules that grant them. Source: Kubernetes RBAC, rbac/v1 PolicyRule.</summary>
public static class AccessRules
{
    /// <summary>Leaves out every right that another one covers, so that each of the rest is missed when it is missing.</summary>
    public static IReadOnlyList<AccessNeed> Fewest(IReadOnlyList<AccessNeed> needs)
    {
        List<AccessNeed> distinct = [.. needs.DistinctBy(n => (n.Context, n.Verb, n.Group, n.Resource, n.Namespace, n.Name))];
        return [.. distinct.Where(need => !distinct.Any(other => !ReferenceEquals(other, need) && Covers(other, need)))];
    }

    /// <summary>The fewest rules that grant these rights and nothing else; all of one namespace, or all cluster-wide.</summary>
    public static IReadOnlyList<AccessRule> Of(IEnumerable<AccessNeed> needs) =>
    [
        .. from need in needs
           group need by (need.Group, need.Resource, need.Name) into one
           let verbs = string.Join(' ', one.Select(n => n.Verb).Distinct().Order(StringComparer.Ordinal))
           group one by (one.Key.Group, one.Key.Name, Verbs: verbs) into alike
           let resources = string.Join(' ', alike.Select(one => one.Key.Resource).Order(StringComparer.Ordinal))
           group alike by (alike.Key.Group, Resources: resources, alike.Key.Verbs, IsNamed: alike.Key.Name is not null) into rule
           orderby rule.Key.Group, rule.Key.Resources, rule.Key.IsNamed
           select new AccessRule(
               rule.Key.Group, rule.Key.Resources.Split(' '), rule.Key.Verbs.Split(' '), [.. rule.Select(r => r.Key.Name).OfType<string>()],
               [.. rule.SelectMany(r => r).SelectMany(one => one).Select(n => n.Why).Distinct()]),
    ];

    /// <summary>One refusal for each kind of object of which a right is missing, with the rule that would grant it.</summary>
    public static IEnumerable<Refusal> Missing(IEnumerable<AccessDecision> access) =>
        from decision in access
        where !decision.Granted
        group decision by (decision.Need.Context, decision.Need.Group, decision.Need.Resource, decision.Need.Namespace, decision.Need.Name) into lacking
        let needs = lacking.Select(d => d.Need).ToList()
        let why = lacking.Select(d => d.Reason).FirstOrDefault(r => r is { Length: > 0 })
        let all = needs[0] with { Verb = string.Join(", ", needs.Select(n => n.Verb)) }
        select new Refusal(
            RefusalKind.Access,
            $"not allowed to {all}{(why is null ? "" : $": {why}")}; it is needed to {string.Join(", and to ", needs.Select(n => n.Why).Distinct())}",
            $"add this rule to a {(all.Namespace is { } ns ? $"Role in namespace {ns}" : "ClusterRole")}{(all.Context is { } other ? $" of cluster {other}" : "")}: {Of(needs)[0]}; chaosdrill rbac prints the whole role");

    private static bool Covers(AccessNeed wide, AccessNeed narrow) =>
        (wide.Context, wide.Verb, wide.Group, wide.Resource) == (narrow.Context, narrow.Verb, narrow.Group, narrow.Resource)
        && (wide.Namespace is null || wide.Namespace == narrow.Namespace)
        && (wide.Name is null || wide.Name == narrow.Name);
}
