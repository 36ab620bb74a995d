using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

internal static class BindingRows
{
    public static readonly TableColumns Table = TableColumns.Of(
        ["Name", "Role", "Age", "Users*", "Groups*", "ServiceAccounts*"],
        (o, now) =>
        [
            o.Name, $"{o.Json.Obj("roleRef").Str("kind")}/{o.Json.Obj("roleRef").Str("name")}", HumanDuration.Age(o, now),
            Subjects(o, "User"), Subjects(o, "Group"), Subjects(o, "ServiceAccount"),
        ]);

    private static string Subjects(StoredObject binding, string kind) => string.Join(", ", binding.Json.Arr("subjects").Objects()
        .Where(s => s.Str("kind") == kind).Select(s => kind == "ServiceAccount" ? $"{s.Str("namespace")}/{s.Str("name")}" : s.Str("name")));
}
