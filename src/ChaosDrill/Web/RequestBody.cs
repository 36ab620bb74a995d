using System.Text.Json;
using ChaosDrill.Model;
using Microsoft.AspNetCore.Http;

namespace ChaosDrill.Web;

/// <summary>Reads what a request brings. Whatever is wrong with it is said with status 400, or 413 when it is too much.</summary>
internal static class RequestBody
{
    /// <summary>The fields of the body, which are all texts and may all be left out, as may the body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="known">The fields that there are.</param>
    /// <exception cref="BadHttpRequestException">The body is another one.</exception>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public static async Task<Dictionary<string, string>> ReadAsync(HttpContext context, params string[] known)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        if (context.Request.ContentLength is null or 0 && !context.Request.Headers.ContainsKey("Transfer-Encoding"))
        {
            return fields;
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { AllowDuplicateProperties = false }, context.RequestAborted);
            if (body.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new BadHttpRequestException("the body is a JSON object, such as {\"by\": \"...\"}");
            }

            foreach (var field in body.RootElement.EnumerateObject())
            {
                if (!known.Contains(field.Name))
                {
                    throw new BadHttpRequestException(
                        $"the body has no field \"{field.Name}\"; {(NearestName.Of(field.Name, known) is { } nearest ? $"did you mean {nearest}?" : $"there are {string.Join(", ", known)}")}");
                }

                if (field.Value.ValueKind != JsonValueKind.Null)
                {
                    fields[field.Name] = field.Value.ValueKind == JsonValueKind.String ? Storable(field.Name, field.Value.GetString()!) : throw new BadHttpRequestException($"{field.Name} is a text");
                }
            }
        }
        catch (InvalidOperationException e)
        {
            // What the reader throws for such a text, name or value.
            throw new BadHttpRequestException("the body holds a text that is no text: half of a character, or bytes that are not UTF-8", e);
        }

        return fields;
    }

    /// <summary>A text that every store can keep. PostgreSQL keeps no NUL.</summary>
    /// <exception cref="BadHttpRequestException">It is none.</exception>
    public static string Storable(string name, string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? throw new BadHttpRequestException($"{name} holds a NUL, which no text here may") : text;
}
