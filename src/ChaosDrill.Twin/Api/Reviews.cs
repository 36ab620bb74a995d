using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api.Access;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api;

/// <summary>Who may do what, and who asks: answered from the rules that requests are judged by.</summary>
internal sealed class Reviews(RoleAuthorizer access)
{
    public ApiResponse Answer(ApiPath path, JsonObject review, TwinUser user)
    {
        var type = path.Type;
        var spec = review.Obj("spec");
        var answer = new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = new JsonObject() };
        switch (type.Kind)
        {
            case "SelfSubjectReview":
                answer["status"] = new JsonObject { ["userInfo"] = Describe(user) };
                break;
            case "SelfSubjectRulesReview":
                answer["spec"] = new JsonObject();
                answer["status"] = Rules(user, spec.Str("namespace") is { Length: > 0 } ns ? ns : throw Failure.BadRequest("no namespace on request"));
                break;
            default:
                var wanted = AccessAttributes.Of(spec)
                    ?? throw Failure.Invalid(type, "", [FieldError.Invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified")]);
                answer["spec"] = spec!.Copy();
                answer["status"] = Decide(type.Kind == "SelfSubjectAccessReview" ? user : Subject(path, spec!), wanted);
                break;
        }

        return ApiResponse.Json(answer, 201);
    }

    private static JsonObject Describe(TwinUser user)
    {
        var info = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            info["uid"] = user.Uid;
        }

        info["groups"] = JsonReading.ToArray(user.Groups.Select(g => (JsonNode)g!));
        return info;
    }

    private static TwinUser Subject(ApiPath path, JsonObject spec)
    {
        string[] groups = [.. spec.Arr("groups").Strings()];
        if (spec.Str("user") is not { Length: > 0 } && groups.Length == 0)
        {
            throw Failure.Invalid(path.Type, "", [FieldError.Invalid("spec.user", "", "at least one of user or group must be specified")]);
        }

        if (path.Namespace is { } home && spec.Obj("resourceAttributes").Str("namespace") != home)
        {
            throw Failure.BadRequest($"spec.resourceAttributes.namespace must match namespace: {home}");
        }

        return new TwinUser(spec.Str("user") ?? "", groups);
    }

    private JsonObject Decide(TwinUser user, AccessAttributes wanted)
    {
        var decision = access.Decide(user, wanted);
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0)
        {
            status["reason"] = decision.Reason;
        }

        return status;
    }

    private JsonObject Rules(TwinUser user, string ns)
    {
        var resources = new JsonArray();
        var paths = new JsonArray();
        foreach (var rule in access.Rules(user, ns))
        {
            (rule.Arr("nonResourceURLs") is { Count: > 0 } ? paths : resources).Add(rule.DeepClone());
        }

        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }
}
