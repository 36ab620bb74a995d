using System.Text.Json.Serialization;

namespace ChaosDrill.Worker;

/// <summary>JSON of single values in log lines.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class WorkerJson : JsonSerializerContext;
