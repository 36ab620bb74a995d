using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Api;

/// <summary>A refusal, with the Status object that the caller gets.</summary>
internal sealed class ApiException(JsonObject status) : Exception((string?)status["message"])
{
    public JsonObject Status { get; } = status;

    public int Code => (int)((long?)Status["code"] ?? 500);

    public override string ToString() => Status.ToJsonString();
}
