using System.Text.Json.Nodes;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>The server's refusals, word for word.</summary>
internal static class Failure
{
    public static JsonObject Status(int code, string? reason, string message, JsonObject? details = null)
    {
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message };
        if (reason is not null)
        {
            status["reason"] = reason;
        }

        if (details is not null)
        {
            status["details"] = details;
        }

        status["code"] = (long)code;
        return status;
    }

    public static ApiException Of(int code, string? reason, string message, JsonObject? details = null) => new(Status(code, reason, message, details));

    public static ApiException BadRequest(string message) => Of(400, "BadRequest", message);

    public static ApiException NotFound(ResourceType type, string name) =>
        Of(404, "NotFound", $"{type.QualifiedPlural} \"{name}\" not found", Details(name, type.Group, type.Plural));

    public static ApiException NoSuchPath() =>
        Of(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException AlreadyExists(ResourceType type, string name) =>
        Of(409, "AlreadyExists", $"{type.QualifiedPlural} \"{name}\" already exists", Details(name, type.Group, type.Plural));

    public static ApiException Modified(ResourceType type, string name) => Conflict(type.QualifiedPlural, name, type.Group, type.Plural,
        "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException UidPrecondition(ResourceType type, string name, string asked, string actual) => Conflict(type.QualifiedKind, name, type.Group, type.Kind,
        $"the UID in the precondition ({asked}) does not match the UID in record ({actual}). The object might have been deleted and then recreated");

    public static ApiException VersionPrecondition(ResourceType type, string name, string asked, string actual) => Conflict(type.QualifiedKind, name, type.Group, type.Kind,
        $"the ResourceVersion in the precondition ({asked}) does not match the ResourceVersion in record ({actual}). The object might have been modified");

    public static ApiException Invalid(ResourceType type, string name, IReadOnlyList<FieldError> errors)
    {
        var list = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]";
        var details = Details(name, type.Group, type.Kind);
        details["causes"] = new JsonArray([.. errors.Select(e => new JsonObject { ["reason"] = e.Reason, ["message"] = e.Message, ["field"] = e.Field })]);
        return Of(422, "Invalid", $"{type.QualifiedKind} \"{name}\" is invalid: {list}", details);
    }

    public static ApiException NamespaceTerminating(ResourceType type, string name, string ns)
    {
        var details = Details(name, type.Group, type.Plural);
        details["causes"] = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating",
            ["message"] = $"namespace {ns} is being terminated",
            ["field"] = "metadata.namespace",
        });
        return Of(403, "Forbidden", $"{type.QualifiedPlural} \"{name}\" is forbidden: unable to create new content in namespace {ns} because it is being terminated", details);
    }

    public static ApiException Forbidden(ResourceType type, string name, string why) =>
        Of(403, "Forbidden", $"{type.QualifiedPlural} \"{name}\" is forbidden: {why}", Details(name, type.Group, type.Plural));

    public static ApiException MediaType(string accepted) => Of(415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    public static ApiException Expired(string message) => Of(410, "Expired", message);

    /// <summary>Something behind the API server went wrong.</summary>
    public static ApiException Internal(string why) => Of(500, "InternalError", $"Internal error occurred: {why}",
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = why }) });

    public static ApiException Unavailable(string message) => Of(503, "ServiceUnavailable", message);

    public static ApiException MethodNotAllowed() =>
        Of(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    private static ApiException Conflict(string qualified, string name, string group, string kind, string why) =>
        Of(409, "Conflict", $"Operation cannot be fulfilled on {qualified} \"{name}\": {why}", Details(name, group, kind));

    private static JsonObject Details(string name, string group, string kind)
    {
        var details = new JsonObject();
        if (name.Length > 0)
        {
            details["name"] = name;
        }

        if (group.Length > 0)
        {
            details["group"] = group;
        }

        details["kind"] = kind;
        return details;
    }
}
