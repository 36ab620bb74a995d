using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Who may do what, and who asks. Everyone who got in may do everything until roles are enforced.</summary>
internal static class Reviews
{
    public static ApiResponse Answer(ResourceType type, JsonObject review, TwinUser user)
    {
        var metadata = new JsonObject();
        var answer = new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = metadata };
        switch (type.Kind)
        {
            case "SelfSubjectReview":
                answer["status"] = new JsonObject
                {
                    ["userInfo"] = new JsonObject { ["username"] = user.Name, ["groups"] = JsonReading.ToArray(user.Groups.Select(g => (JsonNode)g!)) },
                };
                break;
            case "SelfSubjectRulesReview":
                answer["spec"] = new JsonObject();
                answer["status"] = new JsonObject
                {
                    ["resourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") }),
                    ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
                    ["incomplete"] = false,
                };
                break;
            default:
                var spec = review.Obj("spec");
                if (spec.Obj("resourceAttributes") is null && spec.Obj("nonResourceAttributes") is null)
                {
                    throw Failure.Invalid(type, "", [FieldError.Invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified")]);
                }

                answer["spec"] = spec!.Copy();
                answer["status"] = new JsonObject { ["allowed"] = true };
                break;
        }

        return ApiResponse.Json(answer, 201);
    }
}
