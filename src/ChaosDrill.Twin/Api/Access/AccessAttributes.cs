using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api.Access;

/// <summary>What a request wants to do, as rules and refusals name it.</summary>
internal sealed record AccessAttributes(string Verb)
{
    public string Group { get; init; } = "";
    public string Resource { get; init; } = "";
    public string Subresource { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>The path of a request that names no resource; null for one that does.</summary>
    public string? Path { get; init; }

    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    public static AccessAttributes Of(ApiRequest request)
    {
        var parts = request.Path.Trim('/').Split('/');
        var at = parts switch { ["api", _, { Length: > 0 }, ..] => 2, ["apis", _, _, { Length: > 0 }, ..] => 3, _ => -1 };
        if (at < 0)
        {
            return new(request.Method.ToLowerInvariant()) { Path = request.Path };
        }

        var group = at == 3 ? parts[1] : "";
        var rest = parts[at..];
        var ns = "";
        if (rest is ["namespaces", var home, ..])
        {
            ns = Uri.UnescapeDataString(home);
            if (rest is [_, _, not ("status" or "finalize"), ..])
            {
                rest = rest[2..];
            }
        }

        var name = rest.Length > 1 ? Uri.UnescapeDataString(rest[1]) : "";
        var verb = request.Method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => name.Length == 0 ? "deletecollection" : "delete",
            _ when name.Length > 0 => "get",
            _ => request.Flag("watch") ? "watch" : "list",
        };
        if (name.Length == 0 && verb is not "create" && request.Param("fieldSelector") is { } selector)
        {
            // A list of one name is allowed to whoever may list that name.
            name = selector.Split(',').FirstOrDefault(f => f.StartsWith("metadata.name=", StringComparison.Ordinal))?["metadata.name=".Length..].TrimStart('=') ?? "";
        }

        return new(verb) { Group = group, Resource = rest[0], Subresource = rest.Length > 2 ? rest[2] : "", Namespace = ns, Name = name };
    }

    /// <summary>From the spec of an access review; null when it asks about nothing or about two things.</summary>
    public static AccessAttributes? Of(JsonObject? spec) => (spec.Obj("resourceAttributes"), spec.Obj("nonResourceAttributes")) switch
    {
        ({ } asked, null) => new(asked.Str("verb") ?? "")
        {
            Group = asked.Str("group") ?? "",
            Resource = asked.Str("resource") ?? "",
            Subresource = asked.Str("subresource") ?? "",
            Namespace = asked.Str("namespace") ?? "",
            Name = asked.Str("name") ?? "",
        },
        (null, { } asked) => new(asked.Str("verb") ?? "") { Path = asked.Str("path") ?? "" },
        _ => null,
    };

    /// <summary>The server's refusal, word for word.</summary>
    public ApiException Refuse(TwinUser user, string reason)
    {
        var why = Path is not null ? $"User \"{user.Name}\" cannot {Verb} path \"{Path}\""
            : $"User \"{user.Name}\" cannot {Verb} resource \"{FullResource}\" in API group \"{Group}\" " + (Namespace.Length > 0 ? $"in the namespace \"{Namespace}\"" : "at the cluster scope");
        why = reason.Length > 0 ? $"{why}: {reason}" : why;
        if (Path is not null)
        {
            return Failure.Of(403, "Forbidden", $"forbidden: {why}", []);
        }

        var details = new JsonObject();
        if (Name.Length > 0)
        {
            details["name"] = Name;
        }

        if (Group.Length > 0)
        {
            details["group"] = Group;
        }

        details["kind"] = Resource;
        var qualified = Group.Length == 0 ? Resource : $"{Resource}.{Group}";
        return Failure.Of(403, "Forbidden", Name.Length > 0 ? $"{qualified} \"{Name}\" is forbidden: {why}" : $"{qualified} is forbidden: {why}", details);
    }
}
