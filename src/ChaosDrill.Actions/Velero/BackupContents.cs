using System.Formats.Tar;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Actions.Velero;

/// <summary>One object as a backup holds it.</summary>
/// <param name="Resource">Plural and group: <c>deployments.apps</c>.</param>
/// <param name="Namespace">Null for cluster-wide kinds.</param>
/// <param name="Name">Its name.</param>
/// <param name="Json">The whole object.</param>
internal sealed record BackedUp(string Resource, string? Namespace, string Name, JsonObject Json)
{
    public string Kind => (string?)Json["kind"] ?? Resource;

    public string ApiVersion => (string?)Json["apiVersion"] ?? "v1";

    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>What a backup holds, read from its archive.</summary>
internal static class BackupContents
{
    /// <summary>Reads the unpacked archive. Objects that are there in several versions are taken in the preferred one.</summary>
    /// <exception cref="InvalidDataException">It is no archive, or an object in it is no JSON.</exception>
    public static IReadOnlyList<BackedUp> Read(byte[] archive)
    {
        var found = new Dictionary<(string, string?, string), BackedUp>();
        using var tar = new TarReader(new MemoryStream(archive));
        while (Next(tar) is { } entry)
        {
            // resources/RESOURCE[/VERSION[-preferredversion]]/cluster/NAME.json, or .../namespaces/NAMESPACE/NAME.json
            var parts = entry.Name.TrimStart('.', '/').Split('/');
            if (parts is not ["resources", var resource, .. var rest] || entry.DataStream is null || !entry.Name.EndsWith(".json", StringComparison.Ordinal))
            {
                continue;
            }

            var version = rest is ["cluster" or "namespaces", ..] ? null : rest[0];
            if (version is not null && !version.EndsWith("-preferredversion", StringComparison.Ordinal))
            {
                continue;
            }

            var (ns, file) = (version is null ? rest : rest[1..]) switch
            {
                ["cluster", var name] => (null, name),
                ["namespaces", var home, var name] => (home, name),
                _ => (null, null),
            };
            if (file is not null)
            {
                found.TryAdd((resource, ns, file), new BackedUp(resource, ns, file[..^".json".Length], Parse(entry)));
            }
        }

        return [.. found.Values];
    }

    private static TarEntry? Next(TarReader tar)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException or IOException)
        {
            throw new InvalidDataException($"the backup's archive cannot be read: {e.Message}", e);
        }
    }

    private static JsonObject Parse(TarEntry entry)
    {
        try
        {
            return JsonNode.Parse(entry.DataStream!) as JsonObject ?? throw new InvalidDataException($"{entry.Name} in the backup is no object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{entry.Name} in the backup is no JSON: {e.Message}", e);
        }
    }
}
