using System.Text.Json;
using System.Text.Json.Serialization;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Drills;

/// <summary>The one way to write plans, timelines and drills as JSON: camelCase, instants and durations in seconds, enums as words.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    Converters = [typeof(SecondsJsonConverter), typeof(WordsJsonConverter)],
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DrillHeader))]
[JsonSerializable(typeof(DrillEnd))]
[JsonSerializable(typeof(DrillRecord))]
[JsonSerializable(typeof(Judgement))]
[JsonSerializable(typeof(TimelineEntry))]
[JsonSerializable(typeof(TimelineEvent))]
[JsonSerializable(typeof(Plan))]
public sealed partial class DrillJson : JsonSerializerContext
{
    /// <summary>The same form, indented for people.</summary>
    public static DrillJson Indented => field ??= new(new JsonSerializerOptions(Default.Options!) { WriteIndented = true });
}

/// <summary>Writes enums as the words of the documents: <c>pass</c>, <c>notProved</c>. Reads them in any case.</summary>
public sealed class WordsJsonConverter : JsonConverterFactory
{
    private static readonly JsonStringEnumConverter Words = new(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

    /// <inheritdoc />
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc />
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        Words.CreateConverter(typeToConvert, options);
}
