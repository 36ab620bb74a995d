using System.Text.Json;
using System.Text.Json.Serialization;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Model.Drills;

/// <summary>The one way to write plans, timelines and drills as JSON: camelCase, instants and durations in seconds, enums as words.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    Converters = [typeof(SecondsJsonConverter)],
    UseStringEnumConverter = true,
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
