using System.Text.Json;

namespace ChaosDrill.Kubernetes;

/// <summary>How a stream of a watch ended.</summary>
internal enum WatchEnd
{
    /// <summary>The server ended it at its time-out: normal, and proof that it was alive.</summary>
    Punctual,

    /// <summary>The server ended it early: a slow reader, or a shutdown.</summary>
    Early,

    /// <summary>It broke, or never opened.</summary>
    Broken,

    /// <summary>The server no longer keeps the history, or lost its place: list anew.</summary>
    Gone,
}

/// <summary>One line of a watch, taken apart.</summary>
internal ref struct WatchLine
{
    public string Type;
    public ReadOnlySpan<byte> Object;

    /// <summary>Splits <c>{"type":...,"object":...}</c>; the object is not read yet.</summary>
    public static WatchLine Parse(ReadOnlySpan<byte> json, ApiRequest request)
    {
        AnswerReader.CheckText(json, request, 200);
        var line = new WatchLine { Type = "" };
        var reader = new Utf8JsonReader(json, KubernetesJson.Reading);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw AnswerReader.Unreadable(request, 200, "an event is not an object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    line.Type = reader.TokenType == JsonTokenType.String ? TypeOf(ref reader) : throw AnswerReader.Unreadable(request, 200, "an event's type is no text");
                }
                else if (reader.ValueTextEquals("object"u8))
                {
                    line.Object = json[AnswerReader.Value(ref reader)];
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            throw AnswerReader.Unreadable(request, 200, "an event is not JSON: " + AnswerReader.Describe(error), error);
        }

        return line.Object.IsEmpty ? throw AnswerReader.Unreadable(request, 200, "an event has no object") : line;
    }

    private static string TypeOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ADDED"u8) ? "ADDED"
        : reader.ValueTextEquals("MODIFIED"u8) ? "MODIFIED"
        : reader.ValueTextEquals("DELETED"u8) ? "DELETED"
        : reader.ValueTextEquals("BOOKMARK"u8) ? "BOOKMARK"
        : reader.GetString()!;
}
