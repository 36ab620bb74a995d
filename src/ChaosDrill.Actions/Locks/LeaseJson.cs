using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Actions.Locks;

/// <summary>What must be known to give a lease back.</summary>
internal sealed record Held(string Namespace, string Holder);

/// <summary>JSON of the undo's payload.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Held))]
internal sealed partial class LeaseJson : JsonSerializerContext;
