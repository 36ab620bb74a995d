using System.Text;
using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>A few calls over the in-process transport.</summary>
internal sealed class TwinClient(TwinCluster cluster, HttpMessageHandler? handler = null) : IDisposable
{
    private readonly HttpMessageInvoker http = new(handler ?? cluster.CreateHandler());

    /// <summary>Headers that go with every request.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    public async Task<(int Status, JsonNode? Body)> SendAsync(string method, string path, string? body = null, string contentType = "application/json", string accept = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("http://twin" + path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using var response = await http.SendAsync(request, CancellationToken.None);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length > 0 && response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : JsonValue.Create(text));
    }

    public async Task<JsonObject> GetAsync(string path)
    {
        var (status, body) = await SendAsync("GET", path);
        Assert.True(status == 200, $"GET {path}: {status} {body}");
        return (JsonObject)body!;
    }

    public async Task<JsonObject> PatchAsync(string path, string body, string kind = "merge")
    {
        var (status, answer) = await SendAsync("PATCH", path, body, $"application/{kind}-patch+json");
        Assert.True(status == 200, $"PATCH {path}: {status} {answer}");
        return (JsonObject)answer!;
    }

    /// <summary>Opens a watch; <c>resourceVersion=now</c> stands for the newest version.</summary>
    public async Task<WatchReader> WatchAsync(string path, string accept = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://twin" + path.Replace("resourceVersion=now", $"resourceVersion={cluster.Plane.Store.Version}", StringComparison.Ordinal)));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await http.SendAsync(request, CancellationToken.None);
        Assert.Equal(200, (int)response.StatusCode);
        return new WatchReader(response, await response.Content.ReadAsStreamAsync());
    }

    public void Dispose() => http.Dispose();
}
