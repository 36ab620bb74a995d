using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Owner references.</summary>
internal static class Owners
{
    public static JsonObject Reference(StoredObject owner) => new()
    {
        ["apiVersion"] = owner.Type.ApiVersion,
        ["kind"] = owner.Type.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    /// <summary>The uid of the controlling owner, if it is of this kind.</summary>
    public static string? ControllerOf(StoredObject owned, string kind)
    {
        var reference = Controller(owned);
        return reference.Str("kind") == kind ? reference.Str("uid") : null;
    }

    public static JsonObject? Controller(StoredObject owned) =>
        owned.Metadata.Arr("ownerReferences").Objects().FirstOrDefault(r => r.Bool("controller") == true);

    public static bool Controls(StoredObject owner, StoredObject owned) => Controller(owned).Str("uid") == owner.Uid;

    /// <summary>Takes over an object that nobody controls.</summary>
    public static void Adopt(JsonObject json, StoredObject owner)
    {
        if (json.Meta()["ownerReferences"] is not JsonArray references)
        {
            json.Meta()["ownerReferences"] = references = [];
        }

        references.Add(Reference(owner));
    }
}
