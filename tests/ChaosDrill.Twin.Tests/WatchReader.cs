using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>Reads the events of a watch, line by line.</summary>
internal sealed class WatchReader(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly StreamReader lines = new(stream);

    /// <summary>The next event; null at the end.</summary>
    public async Task<(string Type, JsonObject Object)?> NextAsync(CancellationToken cancel = default)
    {
        var line = await lines.ReadLineAsync(cancel);
        if (line is null)
        {
            return null;
        }

        var frame = JsonNode.Parse(line)!;
        return ((string)frame["type"]!, (JsonObject)frame["object"]!.DeepClone());
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
