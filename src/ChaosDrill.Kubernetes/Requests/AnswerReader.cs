using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChaosDrill.Kubernetes;

/// <summary>Reads answers: objects, lists and failures.</summary>
internal static class AnswerReader
{
    private const int QuotedText = 500;

    /// <summary>Throws unless the answer is good.</summary>
    public static ApiAnswer Succeeded(ApiAnswer answer, ApiRequest request) => answer.IsSuccess ? answer : throw Failure(answer, request);

    public static ApiException Failure(ApiAnswer answer, ApiRequest request)
    {
        var status = ParseStatus(answer) ?? FromText(answer, request);
        return new ApiException(status with { Code = answer.Code }, request.Method.Method, request.Path, answer.RetryAfter);
    }

    /// <summary>A good answer that makes no sense.</summary>
    public static ApiException Unreadable(ApiRequest request, int code, string what, Exception? inner = null) => new(
        new Status { Code = code, Message = $"{request.Method} {request.Path}: the server's answer cannot be read: {what}" },
        request.Method.Method,
        request.Path,
        null,
        inner);

    public static T Object<T>(ApiAnswer answer, ApiRequest request, JsonTypeInfo<T> typeInfo) => Parse(answer.Body.Span, request, answer.Code, typeInfo);

    public static T Parse<T>(ReadOnlySpan<byte> json, ApiRequest request, int code, JsonTypeInfo<T> typeInfo)
    {
        CheckText(json, request, code);
        try
        {
            return JsonSerializer.Deserialize(json, typeInfo) ?? throw Unreadable(request, code, "it is null");
        }
        catch (JsonException error)
        {
            throw Unreadable(request, code, Describe(error), error);
        }
    }

    /// <summary>Reads one page of a list; its objects are appended.</summary>
    public static ListMeta List<T>(ApiAnswer answer, ApiRequest request, JsonTypeInfo<T> typeInfo, List<T> items)
    {
        var json = answer.Body.Span;
        CheckText(json, request, answer.Code);
        var reader = new Utf8JsonReader(json, KubernetesJson.Reading);
        ListMeta? meta = null;
        var found = false;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw Unreadable(request, answer.Code, "it is not a list");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("metadata"u8))
                {
                    meta = JsonSerializer.Deserialize(json[Value(ref reader)], KubernetesJson.Default.ListMeta);
                }
                else if (reader.ValueTextEquals("items"u8))
                {
                    found = true;
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.Null)
                    {
                        continue;
                    }

                    if (reader.TokenType != JsonTokenType.StartArray)
                    {
                        throw Unreadable(request, answer.Code, "its items are not a list");
                    }

                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    {
                        var start = (int)reader.TokenStartIndex;
                        reader.Skip();
                        items.Add(JsonSerializer.Deserialize(json[start..(int)reader.BytesConsumed], typeInfo)
                            ?? throw Unreadable(request, answer.Code, "an item is null"));
                    }
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            // Reading to the end finds a tail that does not belong.
            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            throw Unreadable(request, answer.Code, Describe(error), error);
        }

        return found || meta is not null ? meta ?? new() : throw Unreadable(request, answer.Code, "it is not a list");
    }

    /// <summary>Refuses what is not UTF-8 before anything reads a text out of it.</summary>
    /// <exception cref="ApiUnreachableException">There is nothing to read: a server, or a proxy before one, that ends in the middle of an answer may close it as if it were whole.</exception>
    public static void CheckText(ReadOnlySpan<byte> json, ApiRequest request, int code)
    {
        if (json.IsEmpty)
        {
            throw new ApiUnreachableException(UnreachableCause.ConnectionLost, $"{request.Method} {request.Path}: the server's answer is empty; it ended before it had answered");
        }

        if (!System.Text.Unicode.Utf8.IsValid(json))
        {
            throw Unreadable(request, code, "it is not UTF-8");
        }
    }

    /// <summary>Where the value that follows stands; the reader is on its last token afterwards.</summary>
    public static Range Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    /// <summary>The Status in an answer, or null when there is none.</summary>
    public static Status? ParseStatus(ApiAnswer answer)
    {
        if (answer.Truncated || answer.Body.Length == 0 || answer.Body.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..])
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(answer.Body.Span, KubernetesJson.Default.Status) is { Kind: "Status" } status ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string Text(ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(body);

    /// <summary>Where in the JSON, without the framework's path of its own types.</summary>
    public static string Describe(JsonException error) =>
        error.Path is { Length: > 0 } path ? $"at {path}: {FirstSentence(error.Message)}" : FirstSentence(error.Message);

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" Path:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.', ' ');
    }

    private static Status FromText(ApiAnswer answer, ApiRequest request)
    {
        var text = Text(answer.Body.Span[..Math.Min(answer.Body.Length, QuotedText)]).Trim();
        var name = Enum.IsDefined((HttpStatusCode)answer.Code) ? $"{answer.Code} {(HttpStatusCode)answer.Code}" : $"{answer.Code}";
        var said = text.Length == 0 ? "" : $": {text}";
        return new Status { Outcome = "Failure", Reason = ReasonOf(answer.Code), Message = $"{request.Method} {request.Path}: the server answered {name}{said}" };
    }

    // As apimachinery's NewGenericServerResponse does for answers without a Status.
    private static string? ReasonOf(int code) => code switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        406 => "NotAcceptable",
        409 => "Conflict",
        410 => "Gone",
        413 => "RequestEntityTooLarge",
        415 => "UnsupportedMediaType",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => null,
    };
}
