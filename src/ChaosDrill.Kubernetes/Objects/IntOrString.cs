using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Kubernetes;

/// <summary>A member that holds a number or a text: a port or a port's name, a count or a percentage.</summary>
/// <param name="Number">The number, or null.</param>
/// <param name="Text">The text, or null.</param>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString(int? Number, string? Text)
{
    /// <summary>The value as people write it.</summary>
    public override string ToString() => Number?.ToString(CultureInfo.InvariantCulture) ?? Text ?? "";
}

internal sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new IntOrString(reader.GetInt32(), null),
        JsonTokenType.String => new IntOrString(null, reader.GetString()),
        _ => throw new JsonException("a number or a text was expected"),
    };

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Number is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(value.Text ?? "");
        }
    }
}
