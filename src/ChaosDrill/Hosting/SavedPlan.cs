using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Hosting;

/// <summary>A plan that <c>chaosdrill plan --output json</c> printed into a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Plan">What it says.</param>
/// <param name="Digest">SHA-256 of the file, in lower-case hex.</param>
internal sealed record SavedPlan(string File, Plan Plan, string Digest)
{
    /// <summary>The largest plan, in bytes: 32 MiB, about a hundred thousand pods.</summary>
    private const int MaxBytes = 32 << 20;

    /// <summary>The scenario's file.</summary>
    /// <exception cref="CommandException">The plan names none.</exception>
    public string ScenarioFile => Plan.ScenarioFile ?? throw Bad(File, "it does not name the scenario's file; name it: chaosdrill run SCENARIO --plan FILE");

    /// <summary>The kubeconfig's context that it was made with; null for the embedded twin.</summary>
    public string? Context => Plan.Cluster.IsTwin ? null : Plan.Cluster.Name;

    /// <summary>Reads a file that anybody may have written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="seed">The seed that the command line demands, if it does; it must be the plan's.</param>
    /// <exception cref="CommandException">It cannot be read, or is no plan.</exception>
    public static SavedPlan Read(string path, int? seed)
    {
        var bytes = Bytes(path);
        var plan = Parse(path, bytes);
        return seed is null || seed == plan.Seed
            ? new SavedPlan(path, plan, Convert.ToHexStringLower(SHA256.HashData(bytes)))
            : throw new CommandException(ExitCode.BadUsage, $"--seed {seed} is not the plan's, which is {plan.Seed}; leave it out, or make a plan with it");
    }

    private static Plan Parse(string path, byte[] bytes)
    {
        try
        {
            var node = JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            var plan = node.Deserialize(DrillJson.Default.Plan);

            // What chaosdrill wrote it would write again: so nothing is left out, misspelt, null or too much.
            return Difference(node, JsonSerializer.SerializeToNode(plan, DrillJson.Default.Plan), "$") is not { } place
                ? plan!
                : throw NoPlan(path, $"at {place}");
        }
        catch (JsonException e)
        {
            throw NoPlan(path, e is { Path: null, LineNumber: { } line, BytePositionInLine: { } column }
                ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, column {column + 1}")
                : $"at {e.Path ?? "$"}");
        }
        catch (InvalidOperationException)
        {
            throw NoPlan(path, "it holds half a character");
        }
    }

    /// <summary>Where a document is not what it should be; null when it is nowhere.</summary>
    private static string? Difference(JsonNode? found, JsonNode? meant, string path) => (found, meant) switch
    {
        (JsonObject f, JsonObject m) => f.Select(p => p.Key).Union(m.Select(p => p.Key)).Select(key => Difference(f[key], m[key], $"{path}.{key}")).FirstOrDefault(d => d is not null),
        (JsonArray f, JsonArray m) when f.Count == m.Count => f.Select((item, i) => Difference(item, m[i], $"{path}[{i}]")).FirstOrDefault(d => d is not null),
        (JsonValue f, JsonValue m) when JsonNode.DeepEquals(f, m) => null,
        _ => path,
    };

    private static byte[] Bytes(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.CanSeek && file.Length > MaxBytes)
            {
                throw Bad(path, $"it has {file.Length} bytes, and a plan at most {MaxBytes}");
            }

            // A device or a pipe has no length to ask for: one byte more than allowed is enough to know.
            using var read = new MemoryStream();
            var part = new byte[1 << 16];
            for (var count = file.Read(part); count > 0; count = file.Read(part))
            {
                read.Write(part, 0, count);
                if (read.Length > MaxBytes)
                {
                    throw Bad(path, $"it does not end, and a plan has at most {MaxBytes} bytes");
                }
            }

            return read.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Bad(path, FileFaults.Explain(e, path));
        }
    }

    private static CommandException NoPlan(string path, string where) =>
        Bad(path, $"it is not what chaosdrill plan writes ({where}); save one with: chaosdrill plan SCENARIO --output json > FILE");

    private static CommandException Bad(string path, string what) => new(ExitCode.BadUsage, $"the plan {path} cannot be used: {what}");
}
