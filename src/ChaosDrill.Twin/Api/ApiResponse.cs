using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>An answer: a body, or something that goes on.</summary>
internal sealed class ApiResponse
{
    public int Status { get; init; } = 200;

    public string ContentType { get; init; } = "application/json";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>What goes on arriving: an open watch, a followed log.</summary>
    public FrameQueue? Frames { get; init; }

    /// <summary>A conversation that the connection is to be handed over to.</summary>
    public ExecCall? Exec { get; init; }

    public Dictionary<string, string> Headers { get; } = [];

    public static ApiResponse Json(JsonObject json, int status = 200) => new() { Status = status, Body = StoredObject.Serialize(json) };

    public static ApiResponse Of(StoredObject stored, int status = 200) => new() { Status = status, Body = stored.Bytes };

    public static ApiResponse Text(string text, int status = 200) =>
        new() { Status = status, ContentType = "text/plain; charset=utf-8", Body = Encoding.UTF8.GetBytes(text) };

    public static ApiResponse Failed(ApiException failure)
    {
        var response = Json(failure.Status, failure.Code);
        if (failure.Status["details"]?["retryAfterSeconds"] is { } seconds)
        {
            response.Headers["Retry-After"] = seconds.ToJsonString();
        }

        return response;
    }
}
