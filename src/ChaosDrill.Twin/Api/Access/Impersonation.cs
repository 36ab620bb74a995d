namespace ChaosDrill.Twin.Api.Access;

/// <summary>The Impersonate headers of a request: whom the sender wants to act as.</summary>
/// <param name="User">Impersonate-User; empty when only groups were sent.</param>
/// <param name="Groups">Impersonate-Group, each.</param>
/// <param name="Uid">Impersonate-Uid, or empty.</param>
internal sealed record Impersonation(string User, string[] Groups, string Uid)
{
    /// <summary>Null when no such header was sent.</summary>
    public static Impersonation? From(Func<string, IEnumerable<string>> header)
    {
        var user = header("Impersonate-User").FirstOrDefault() ?? "";
        string[] groups = [.. header("Impersonate-Group").Where(g => g.Length > 0)];
        var uid = header("Impersonate-Uid").FirstOrDefault() ?? "";
        return user.Length == 0 && groups.Length == 0 && uid.Length == 0 ? null : new(user, groups, uid);
    }

    /// <summary>The user that the sender becomes.</summary>
    /// <exception cref="ApiException">403: the sender lacks the right to impersonate.</exception>
    public TwinUser Become(TwinUser sender, RoleAuthorizer authorizer)
    {
        if (User.Length == 0)
        {
            throw Failure.Of(500, "InternalError", $"Internal error occurred: requested {string.Join(", ", Groups.Select(g => $"[Group {g}]"))} without impersonating a user");
        }

        var account = TwinUser.AsServiceAccount(User);
        authorizer.Demand(sender, account is var (ns, name)
            ? new("impersonate") { Resource = "serviceaccounts", Namespace = ns, Name = name }
            : new("impersonate") { Resource = "users", Name = User });
        foreach (var group in Groups)
        {
            authorizer.Demand(sender, new("impersonate") { Resource = "groups", Name = group });
        }

        if (Uid.Length > 0)
        {
            authorizer.Demand(sender, new("impersonate") { Group = "authentication.k8s.io", Resource = "uids", Name = Uid });
        }

        IEnumerable<string> groups = Groups.Length == 0 && account is var (home, own) ? TwinUser.ServiceAccount(home, own).Groups : Groups;
        var always = User == TwinUser.Anonymous.Name ? "system:unauthenticated" : "system:authenticated";
        return new TwinUser(User, [.. groups.Append(always).Distinct()]) { Uid = Uid };
    }
}
