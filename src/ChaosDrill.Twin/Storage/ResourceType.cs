namespace ChaosDrill.Twin.Storage;

/// <summary>One kind of object that the API serves, and how it behaves.</summary>
internal sealed record ResourceType
{
    public required string Group { get; init; }
    public required string Version { get; init; }
    public required string Plural { get; init; }
    public required string Singular { get; init; }
    public required string Kind { get; init; }
    public bool Namespaced { get; init; } = true;
    public string[] ShortNames { get; init; } = [];
    public string[] Categories { get; init; } = [];
    public string[] Verbs { get; init; } = AllVerbs;
    public SubresourceType[] Subresources { get; init; } = [];

    /// <summary>metadata.generation counts changes of everything but metadata and status.</summary>
    public bool CountsGenerations { get; init; }

    /// <summary>A custom resource without a status subresource: whoever may write the object may write its status, and each such write counts a generation.</summary>
    public bool Custom { get; init; }

    /// <summary>What its definition refuses beyond names and labels.</summary>
    public Func<System.Text.Json.Nodes.JsonObject, IEnumerable<Api.FieldError>>? Check { get; init; }

    /// <summary>A delete that takes effect at once answers with the object instead of a Status.</summary>
    public bool AnswersDeletesWithObject { get; init; }

    /// <summary>Posted and answered, never stored (access reviews).</summary>
    public bool Virtual { get; init; }

    public static string[] AllVerbs { get; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As errors name it: <c>deployments.apps</c>.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>As errors name it: <c>Deployment.apps</c>.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    public bool Has(string subresource) => Array.Exists(Subresources, s => s.Name == subresource);

    public bool Equals(ResourceType? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => HashCode.Combine(Group, Plural);

    public override string ToString() => QualifiedPlural;
}
