using System.Text.Json.Serialization;

namespace ChaosDrill.Kubernetes;

/// <summary>A right to ask for: may I do this?</summary>
public sealed record AccessAttributes
{
    /// <summary>For example <c>delete</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The resource in paths, for example <c>pods</c>.</summary>
    public required string Resource { get; init; }

    /// <summary>The API group; empty for the core group.</summary>
    public string Group { get => field ?? ""; init; }

    /// <summary>A part of the resource, for example <c>eviction</c>.</summary>
    public string? Subresource { get; init; }

    /// <summary>The namespace; null asks for all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>One object; null asks for all of them.</summary>
    public string? Name { get; init; }

    /// <summary>The right as people say it, for example <c>create pods/eviction in namespace shop</c>.</summary>
    public override string ToString()
    {
        var what = Subresource is null ? Resource : $"{Resource}/{Subresource}";
        var whole = Group.Length == 0 ? what : $"{what} ({Group})";
        var named = Name is null ? whole : $"{whole} \"{Name}\"";
        return Namespace is null ? $"{Verb} {named}" : $"{Verb} {named} in namespace {Namespace}";
    }
}

/// <summary>The answer to a question for a right.</summary>
/// <param name="Allowed">Whether it is granted.</param>
/// <param name="Reason">Why, as far as the server says; empty when it says nothing.</param>
public sealed record AccessReview(bool Allowed, string Reason);

/// <summary>The version of an API server.</summary>
public sealed record ServerVersion
{
    /// <summary>For example <c>v1.36.2</c>.</summary>
    public string GitVersion { get => field ?? ""; init; }

    /// <summary>For example <c>1</c>.</summary>
    public string Major { get => field ?? ""; init; }

    /// <summary>For example <c>36</c>, sometimes with a suffix.</summary>
    public string Minor { get => field ?? ""; init; }

    /// <summary>For example <c>linux/amd64</c>.</summary>
    public string? Platform { get; init; }
}

/// <summary>A resource that the server offers.</summary>
public sealed record ApiResource
{
    /// <summary>The name in paths; a subresource has a slash in it.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The name in objects.</summary>
    public string Kind { get => field ?? ""; init; }

    /// <summary>Whether its objects live in namespaces.</summary>
    public bool Namespaced { get; init; }

    /// <summary>The group of its objects where it differs from the list's.</summary>
    public string? Group { get; init; }

    /// <summary>The version of its objects where it differs from the list's.</summary>
    public string? Version { get; init; }

    /// <summary>What can be done with it.</summary>
    public IReadOnlyList<string> Verbs { get => field ?? []; init; }

    /// <summary>Abbreviations.</summary>
    public IReadOnlyList<string> ShortNames { get => field ?? []; init; }

    /// <summary>Whether it is a part of another one.</summary>
    [JsonIgnore]
    public bool IsSubresource => Name.Contains('/', StringComparison.Ordinal);
}
