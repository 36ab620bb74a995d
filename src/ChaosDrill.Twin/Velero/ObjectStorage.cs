using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>The bucket that backups are kept in, and the pre-signed addresses under which its files are read.</summary>
/// <remarks>Kept in memory: it is gone with the twin. An address lets anyone in who has it, until it expires; that is what pre-signed means.</remarks>
internal sealed class ObjectStorage(ControlPlane plane)
{
    public const string Root = "/object-storage/";

    private readonly Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
    private readonly byte[] secret = Encoding.ASCII.GetBytes(plane.Seed.Uid());

    /// <summary>Where the cluster is served; in process any host name leads to it.</summary>
    public Uri Address { get; set; } = new("https://twin.invalid");

    public void Put(string key, byte[] content) => files[key] = content;

    public void PutGzip(string key, JsonNode json) => PutGzip(key, StoredObject.Serialize(json));

    public void PutGzip(string key, byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        files[key] = packed.ToArray();
    }

    public void DeleteFolder(string prefix)
    {
        foreach (var key in files.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            files.Remove(key);
        }
    }

    public Uri Sign(string key, DateTimeOffset until)
    {
        var expires = until.ToUnixTimeSeconds();
        return new Uri(Address, $"{Root}{key}?X-Amz-Expires={expires}&X-Amz-Signature={Signature(Root + key, $"{expires}")}");
    }

    /// <summary>Null when the path does not lead here.</summary>
    public ApiResponse? Answer(ApiRequest request)
    {
        if (!request.Path.StartsWith(Root, StringComparison.Ordinal))
        {
            return null;
        }

        var expires = request.Param("X-Amz-Expires") ?? "";
        if (request.Param("X-Amz-Signature") != Signature(request.Path, expires))
        {
            return Refused(403, "SignatureDoesNotMatch");
        }

        if (!long.TryParse(expires, out var until) || plane.Now.ToUnixTimeSeconds() >= until)
        {
            return Refused(403, "AccessDenied");
        }

        return files.TryGetValue(Uri.UnescapeDataString(request.Path[Root.Length..]), out var content)
            ? new ApiResponse { ContentType = "application/octet-stream", Body = content } : Refused(404, "NoSuchKey");
    }

    private static ApiResponse Refused(int status, string code) => new()
    {
        Status = status, ContentType = "application/xml", Body = Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>"),
    };

    private string Signature(string path, string expires) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{path}\n{expires}")));
}
