namespace ChaosDrill.Twin.Api;

/// <summary>Who sends a request.</summary>
internal sealed record TwinUser(string Name, params string[] Groups)
{
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    public static readonly TwinUser Admin = new("twin-admin", "system:masters", "system:authenticated");

    public static readonly TwinUser Anonymous = new("system:anonymous", "system:unauthenticated");

    /// <summary>Set for service accounts: the uid of the account.</summary>
    public string Uid { get; init; } = "";

    public static string NameOfServiceAccount(string ns, string name) => $"{ServiceAccountPrefix}{ns}:{name}";

    public static TwinUser ServiceAccount(string ns, string name, string uid = "") =>
        new(NameOfServiceAccount(ns, name), "system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated") { Uid = uid };

    /// <summary>Namespace and name when a user's name is that of a service account.</summary>
    public static (string Namespace, string Name)? AsServiceAccount(string user) =>
        user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) && user[ServiceAccountPrefix.Length..].Split(':') is [{ Length: > 0 } ns, { Length: > 0 } name] ? (ns, name) : null;
}
