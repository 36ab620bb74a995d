namespace ChaosDrill.Twin.Api;

/// <summary>Who sends a request.</summary>
internal sealed record TwinUser(string Name, params string[] Groups)
{
    public static readonly TwinUser Admin = new("twin-admin", "system:masters", "system:authenticated");

    public static readonly TwinUser Anonymous = new("system:anonymous", "system:unauthenticated");
}
