using System.Text;
using System.Text.Json;
using ChaosDrill.Engine.Planning;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Views;

/// <summary>Whom a role is bound to.</summary>
/// <param name="Kind"><c>ServiceAccount</c>, <c>User</c> or <c>Group</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Namespace of a service account.</param>
internal sealed record RoleSubject(string Kind, string Name, string? Namespace = null);

/// <summary>Roles and bindings that grant exactly what drills need, as a manifest that <c>kubectl apply -f -</c> takes. Source: Kubernetes rbac.authorization.k8s.io/v1.</summary>
internal static class RoleManifest
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>The manifest: service accounts, then for each namespace a role and its binding, then the same cluster-wide. All of one cluster.</summary>
    /// <param name="name">Name of the roles and bindings.</param>
    /// <param name="scenarios">For whose drills it is, for the heading.</param>
    /// <param name="needs">What they need.</param>
    /// <param name="subjects">Whom it is granted to.</param>
    public static string Of(string name, IReadOnlyList<string> scenarios, IReadOnlyList<AccessNeed> needs, IReadOnlyList<RoleSubject> subjects)
    {
        var text = new StringBuilder($"""
            # What drills of {string.Join(", ", scenarios)} need, and nothing else. Written by "chaosdrill rbac"; apply it with "kubectl apply -f -".
            # Everybody who is logged in may ask for the API's version and kinds and for their own rights (system:discovery,
            # system:basic-user). Where that was taken away, give it back.

            """);
        var first = true;
        foreach (var document in Documents(name, needs, subjects))
        {
            text.Append(first ? "" : "---\n").Append(document);
            first = false;
        }

        return text.ToString();
    }

    private static IEnumerable<string> Documents(string name, IReadOnlyList<AccessNeed> needs, IReadOnlyList<RoleSubject> subjects)
    {
        foreach (var account in subjects.Where(s => s.Kind == "ServiceAccount"))
        {
            yield return $"apiVersion: v1\nkind: ServiceAccount\nmetadata: {Metadata(account.Name, account.Namespace)}\n";
        }

        foreach (var place in needs.GroupBy(n => n.Namespace).OrderBy(p => p.Key is null).ThenBy(p => p.Key, StringComparer.Ordinal))
        {
            var kind = place.Key is null ? "ClusterRole" : "Role";
            yield return $"apiVersion: {Group}/v1\nkind: {kind}\nmetadata: {Metadata(name, place.Key)}\nrules:\n"
                + string.Concat(AccessRules.Of(place).Select(rule => $"  # {string.Join("; ", rule.Reasons)}\n  - {rule}\n"));
            yield return $"apiVersion: {Group}/v1\nkind: {kind}Binding\nmetadata: {Metadata(name, place.Key)}\n"
                + $"roleRef: {{ apiGroup: {Group}, kind: {kind}, name: {Quoted(name)} }}\nsubjects:\n"
                + string.Concat(subjects.Select(s => $"  - {Subject(s)}\n"));
        }
    }

    private static string Metadata(string name, string? ns) => $"{{ name: {Quoted(name)}{(ns is null ? "" : $", namespace: {Quoted(ns)}")} }}";

    private static string Subject(RoleSubject subject) => subject.Namespace is { } ns
        ? $"{{ kind: {subject.Kind}, name: {Quoted(subject.Name)}, namespace: {Quoted(ns)} }}"
        : $"{{ kind: {subject.Kind}, apiGroup: {Group}, name: {Quoted(subject.Name)} }}";

    // A JSON text is a YAML text too, whatever is in it.
    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
