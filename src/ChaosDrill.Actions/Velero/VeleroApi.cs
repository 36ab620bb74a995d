using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Velero;

/// <summary>Drives a Velero server through its custom resources, old servers (fewer phases, fields and downloads) as well as new ones.</summary>
/// <param name="client">Speaks with the API server.</param>
/// <param name="home">The namespace of the Velero server.</param>
internal sealed class VeleroApi(KubernetesClient client, string home)
{
    public const string ApiVersion = "velero.io/v1";

    private static readonly TimeSpan DownloadAnswer = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public static Resource<JsonElement> Backups { get; } = Named("backups", "Backup");

    public static Resource<JsonElement> Restores { get; } = Named("restores", "Restore");

    public static Resource<JsonElement> Locations { get; } = Named("backupstoragelocations", "BackupStorageLocation");

    public static Resource<JsonElement> VolumeRestores { get; } = Named("podvolumerestores", "PodVolumeRestore");

    public static Resource<JsonElement> DataDownloads { get; } = Resources.Any("velero.io", "v2alpha1", "datadownloads", "DataDownload", namespaced: true);

    public static Resource<JsonElement> Namespaces { get; } = Resources.Any("", "v1", "namespaces", "Namespace", namespaced: false);

    private static Resource<JsonElement> Downloads { get; } = Named("downloadrequests", "DownloadRequest");

    private static Resource<JsonElement> StatusRequests { get; } = Named("serverstatusrequests", "ServerStatusRequest");

    public string Home => home;

    public KubernetesClient Client => client;

    public async Task<JsonObject?> FindAsync(Resource<JsonElement> resource, string name, CancellationToken cancellationToken)
    {
        var found = await client.FindAsync(resource, home, name, cancellationToken);
        return found.ValueKind == JsonValueKind.Object ? JsonObject.Create(found) : null;
    }

    /// <summary>A namespace as JSON; null when there is none.</summary>
    public async Task<JsonObject?> FindNamespaceAsync(string name, CancellationToken cancellationToken)
    {
        var found = await client.FindAsync(Namespaces, null, name, cancellationToken);
        return found.ValueKind == JsonValueKind.Object ? JsonObject.Create(found) : null;
    }

    /// <summary>Lists; empty when the server does not know the kind.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(Resource<JsonElement> resource, string? labels, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await client.ListAsync(resource, home, new ListOptions { LabelSelector = labels }, cancellationToken)).Items.Select(i => JsonObject.Create(i)!)];
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return [];
        }
    }

    public async Task CreateAsync(Resource<JsonElement> resource, string name, JsonObject spec, CancellationToken cancellationToken, JsonObject? annotations = null)
    {
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = home, ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "chaosdrill" } };
        if (annotations is not null)
        {
            metadata["annotations"] = annotations;
        }

        var item = new JsonObject { ["apiVersion"] = resource.ApiVersion, ["kind"] = resource.Kind, ["metadata"] = metadata, ["spec"] = spec };
        using var document = JsonDocument.Parse(item.ToJsonString());
        await client.CreateAsync(resource, home, document.RootElement.Clone(), null, cancellationToken);
    }

    /// <summary>Creates a backup or a restore and follows it to a terminal phase.</summary>
    /// <param name="resource">Which of the two.</param>
    /// <param name="name">Its name.</param>
    /// <param name="spec">What is asked for.</param>
    /// <param name="phase">Told of every phase as the watch brings it; the timestamp is the clock's.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Stops waiting; it goes on.</param>
    /// <returns>The object at its end, or as it was last seen when the time was up; null when it was never seen or was deleted.</returns>
    public async Task<JsonObject?> RunAsync(
        Resource<JsonElement> resource, string name, JsonObject spec, Action<string, long> phase, TimeSpan limit, CancellationToken cancellationToken)
    {
        JsonObject? last = null;
        var shown = "";
        await Sighting.AroundAsync(
            client, resource, home, new WatchOptions { FieldSelector = $"metadata.name={name}" },
            e =>
            {
                if (e.Object is not { ValueKind: JsonValueKind.Object } item)
                {
                    return false;
                }

                if (e.Type == WatchEventType.Deleted)
                {
                    last = null;
                    return true;
                }

                last = JsonObject.Create(item)!;
                var now = VeleroPhase.Of(last);
                if (now != shown)
                {
                    shown = now;
                    phase(now, e.ReceivedAt);
                }

                return VeleroPhase.IsTerminal(now);
            },
            () => CreateAsync(resource, name, spec, cancellationToken), limit, cancellationToken);
        return last;
    }

    /// <summary>Fetches a file of a backup or a restore.</summary>
    public async Task<VeleroFile> DownloadAsync(string kind, string name, CancellationToken cancellationToken)
    {
        var request = $"chaosdrill-{RunId.New()}";
        try
        {
            await CreateAsync(Downloads, request, new JsonObject { ["target"] = new JsonObject { ["kind"] = kind, ["name"] = name } }, cancellationToken);
        }
        catch (ApiException e) when (e.Code == 422)
        {
            return VeleroFile.Missing($"this Velero hands out no {kind}: {e.Message}", unknownKind: true);
        }

        try
        {
            var begin = client.Clock.GetTimestamp();
            while (true)
            {
                var status = (await FindAsync(Downloads, request, cancellationToken))?["status"];
                if ((string?)status?["downloadURL"] is { Length: > 0 } url)
                {
                    return await FetchAsync(kind, name, new Uri(url), cancellationToken);
                }

                if ((string?)status?["phase"] == "Failed" || client.Clock.GetElapsedTime(begin) > DownloadAnswer)
                {
                    return VeleroFile.Missing((string?)status?["message"] ?? $"Velero did not answer the request for {kind} of {name} within {DownloadAnswer.TotalSeconds:0} s");
                }

                await Task.Delay(Look, client.Clock, cancellationToken);
            }
        }
        finally
        {
            // Velero sweeps what is left of these after ten minutes.
            await TryDeleteAsync(Downloads, request);
        }
    }

    /// <summary>The server's version; null when it does not say.</summary>
    public async Task<Version?> VersionAsync(CancellationToken cancellationToken)
    {
        var request = $"chaosdrill-{RunId.New()}";
        await CreateAsync(StatusRequests, request, [], cancellationToken);
        try
        {
            for (var looks = 0; looks < 20; looks++)
            {
                if ((string?)(await FindAsync(StatusRequests, request, cancellationToken))?["status"]?["serverVersion"] is { Length: > 1 } text)
                {
                    var end = text.IndexOf('-', StringComparison.Ordinal);
                    return Version.TryParse((end < 0 ? text : text[..end]).TrimStart('v'), out var version) ? version : null;
                }

                await Task.Delay(Look, client.Clock, cancellationToken);
            }

            return null;
        }
        finally
        {
            await TryDeleteAsync(StatusRequests, request);
        }
    }

    /// <summary>The location that a backup is kept in.</summary>
    public Task<JsonObject?> LocationOfAsync(JsonObject backup, CancellationToken cancellationToken) =>
        FindAsync(Locations, (string?)backup["spec"]?["storageLocation"] is { Length: > 0 } named ? named : "default", cancellationToken);

    private async Task<VeleroFile> FetchAsync(string kind, string name, Uri address, CancellationToken cancellationToken)
    {
        var run = await FindAsync(kind.StartsWith("Restore", StringComparison.Ordinal) ? Restores : Backups, name, cancellationToken);
        var backup = kind.StartsWith("Restore", StringComparison.Ordinal) && (string?)run?["spec"]?["backupName"] is { } of ? await FindAsync(Backups, of, cancellationToken) : run;
        var location = backup is null ? null : await LocationOfAsync(backup, cancellationToken);
        var authority = (string?)location?["spec"]?["objectStorage"]?["caCert"] is { Length: > 0 } encoded ? Encoding.ASCII.GetString(Convert.FromBase64String(encoded)) : null;
        try
        {
            var (code, body) = await client.DownloadAsync(address, authority, cancellationToken);
            return code is >= 200 and < 300 ? new VeleroFile(Unpacked(body), null, false)
                : VeleroFile.Missing($"{address.GetLeftPart(UriPartial.Path)} answered {code.ToString(CultureInfo.InvariantCulture)}: the file is not in the storage");
        }
        catch (Exception e) when (e is ApiUnreachableException or InvalidDataException)
        {
            return VeleroFile.Missing($"{address.GetLeftPart(UriPartial.Path)} cannot be read from here: {e.Message}");
        }
    }

    private static byte[] Unpacked(ReadOnlyMemory<byte> body)
    {
        if (body.Length < 2 || body.Span[0] != 0x1f || body.Span[1] != 0x8b)
        {
            return body.ToArray();
        }

        using var gzip = new GZipStream(new MemoryStream(body.ToArray()), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private async Task TryDeleteAsync(Resource<JsonElement> resource, string name)
    {
        try
        {
            await client.DeleteAsync(resource, home, name, null, CancellationToken.None);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            // It ends by itself.
        }
    }

    private static Resource<JsonElement> Named(string plural, string kind) => Resources.Any("velero.io", "v1", plural, kind, namespaced: true);
}

/// <summary>A file of a backup or a restore, or why it cannot be had.</summary>
/// <param name="Content">Unpacked; null when it cannot be had.</param>
/// <param name="Why">Why not.</param>
/// <param name="UnknownKind">Whether this version of Velero has no such file at all.</param>
internal sealed record VeleroFile(byte[]? Content, string? Why, bool UnknownKind)
{
    public static VeleroFile Missing(string why, bool unknownKind = false) => new(null, why, unknownKind);

    /// <summary>As JSON; null when it cannot be had or is none.</summary>
    public JsonNode? Json()
    {
        try
        {
            return Content is null ? null : JsonNode.Parse(Content);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
