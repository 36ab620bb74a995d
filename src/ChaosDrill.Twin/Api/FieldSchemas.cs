using System.Text.Json.Nodes;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Which fields each kind has, for strict validation and <c>kubectl explain</c>.</summary>
internal static class FieldSchemas
{
    /// <summary>Complaints about fields that the kind does not have.</summary>
    public static List<string> Check(ResourceType type, JsonObject json) => [];
}
