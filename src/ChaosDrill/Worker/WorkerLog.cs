using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Views;

namespace ChaosDrill.Worker;

/// <summary>What a worker says of itself: one line for each event, with the ids that it is about as fields.</summary>
/// <remarks>Thread-safe. A log that cannot be written to does not stop the worker.</remarks>
internal sealed class WorkerLog(TextWriter output, TimeProvider clock, bool json)
{
    private readonly Lock _lock = new();

    /// <summary>Something went as it should.</summary>
    public void Info(string text, params ReadOnlySpan<(string Name, object? Value)> fields) => Write("info", text, fields);

    /// <summary>Something needs looking at; the worker goes on.</summary>
    public void Warn(string text, params ReadOnlySpan<(string Name, object? Value)> fields) => Write("warn", text, fields);

    private void Write(string level, string text, ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var time = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ");
        string line;
        if (json)
        {
            var node = new JsonObject { ["time"] = time, ["level"] = level, ["message"] = text };
            foreach (var (name, value) in fields)
            {
                node[name] = value?.ToString();
            }

            line = node.ToJsonString();
        }
        else
        {
            line = $"{time} {level,-4} {StyledLine.Printable(text)}";
            foreach (var (name, value) in fields)
            {
                line += $" {name}={Field(value?.ToString() ?? "")}";
            }
        }

        lock (_lock)
        {
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            catch (IOException)
            {
                // A closed pipe or a full disk: drills are more important than their log.
            }
        }
    }

    private static string Field(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_.:/@+%".Contains(c)) ? text : JsonSerializer.Serialize(StyledLine.Printable(text), WorkerJson.Default.String);
}
