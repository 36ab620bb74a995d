using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api.Schemas;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Bodies of requests as JSON, with the server's own complaints about what is not.</summary>
internal static class BodyReader
{
    private const string Accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

    public static JsonObject Object(ResourceType type, ApiRequest request)
    {
        var json = Read(type.Kind, request);
        var kind = json.Str("kind");
        var version = json.Str("apiVersion");
        if (kind is null or "" || version is null or "")
        {
            var missing = kind is null or "" ? "Kind" : "apiVersion";
            throw Failure.BadRequest($"Object '{missing}' is missing in '{Encoding.UTF8.GetString(request.Body.Span)}'");
        }

        if (kind != type.Kind || version != type.ApiVersion)
        {
            var group = version.Contains('/', StringComparison.Ordinal) ? version[..version.IndexOf('/', StringComparison.Ordinal)] : "";
            var own = version.Contains('/', StringComparison.Ordinal) ? version[(version.IndexOf('/', StringComparison.Ordinal) + 1)..] : version;
            var home = type.Group.Length == 0 ? "core" : type.Group.Split('.')[0];
            throw Failure.BadRequest($"{kind} in version \"{own}\" cannot be handled as a {type.Kind}: converting ({(group.Length == 0 ? own : group + "." + own)}.{kind}) to ({home}.{type.Kind}): unknown conversion");
        }

        if (json["metadata"] is not null and not JsonObject)
        {
            throw Failure.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {type.Kind}: json: cannot unmarshal into Go struct field {kind}.metadata of type v1.ObjectMeta");
        }

        if (request.Param("fieldValidation") is "Strict" && TypeSchemas.Unknown(type, json) is { Count: > 0 } unknown)
        {
            throw Failure.BadRequest($"{kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: strict decoding error: {string.Join(", ", unknown)}");
        }

        return json;
    }

    /// <summary>DeleteOptions from the body, completed from the query.</summary>
    public static JsonObject Options(ApiRequest request)
    {
        var options = request.Body.IsEmpty ? [] : Read("DeleteOptions", request);
        if (request.Param("gracePeriodSeconds") is { } grace && long.TryParse(grace, out var seconds))
        {
            options["gracePeriodSeconds"] = seconds;
        }

        if (request.Param("propagationPolicy") is { Length: > 0 } policy)
        {
            options["propagationPolicy"] = policy;
        }

        return options;
    }

    public static JsonObject Read(string kind, ApiRequest request)
    {
        var media = request.ContentType.Split(';')[0].Trim();
        if (media is "application/yaml")
        {
            return YamlText.ToJson(Encoding.UTF8.GetString(request.Body.Span)) as JsonObject ?? throw Failure.BadRequest("the body of the request is not an object");
        }

        if (media is "application/vnd.kubernetes.protobuf")
        {
            return ProtobufBody.Read(request.Body.Span);
        }

        if (media is not ("application/json" or ""))
        {
            throw Failure.MediaType(Accepted);
        }

        try
        {
            return Parse(request.Body.Span) as JsonObject ?? throw Failure.BadRequest($"the object provided is unrecognized (must be of type {kind})");
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException)
        {
            throw Failure.BadRequest($"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {Complaint(request.Body.Span, wrong)}");
        }
    }

    /// <summary>JSON without duplicate names, so that a body is what it seems to be.</summary>
    public static JsonNode? Parse(ReadOnlySpan<byte> body) =>
        JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 128 });

    private static string Complaint(ReadOnlySpan<byte> body, Exception wrong)
    {
        var text = Encoding.UTF8.GetString(body);
        if (text.Length == 0)
        {
            return "unexpected end of JSON input";
        }

        var trimmed = text.TrimStart();
        if (trimmed.StartsWith('{') && trimmed.Length > 1 && trimmed[1..].TrimStart() is { Length: > 0 } rest && rest[0] is not ('"' or '}'))
        {
            return $"invalid character '{rest[0]}' looking for beginning of object key string ({Shorten(text)})";
        }

        return $"{wrong.Message} ({Shorten(text)})";
    }

    private static string Shorten(string text) => text.Length <= 256 ? text : text[..256] + "...";
}
