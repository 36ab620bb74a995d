using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Velero;

/// <summary>The bucket that backups are kept in, and the pre-signed addresses under which its files are read.</summary>
/// <remarks>Kept in memory, or in the folder that the options name. An address lets anyone in who has it, until it expires; that is what pre-signed means.</remarks>
internal sealed class ObjectStorage(ControlPlane plane)
{
    public const string Root = "/object-storage/";

    private readonly Bucket bucket = new(plane.Options.VeleroBucket);
    private readonly byte[] secret = Encoding.ASCII.GetBytes(plane.Seed.Uid());

    /// <summary>Where the cluster is served; in process any host name leads to it.</summary>
    public Uri Address { get; set; } = new("https://twin.invalid");

    public void Put(string key, byte[] content) => bucket.Put(key, content);

    public byte[]? Get(string key) => bucket.Get(key);

    /// <summary>A file that was packed by <see cref="PutGzip(string, byte[])"/>; null when there is none.</summary>
    public byte[]? GetGzip(string key) => bucket.Get(key) is { } packed ? Unpack(packed) : null;

    public static byte[] Unpack(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    public IReadOnlyList<string> FoldersUnder(string prefix) => bucket.FoldersUnder(prefix);

    public void PutGzip(string key, JsonNode json) => PutGzip(key, StoredObject.Serialize(json));

    public void PutGzip(string key, byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        bucket.Put(key, packed.ToArray());
    }

    public void DeleteFolder(string prefix) => bucket.DeleteFolder(prefix);

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

        return bucket.Get(Uri.UnescapeDataString(request.Path[Root.Length..])) is { } content
            ? new ApiResponse { ContentType = "application/octet-stream", Body = content } : Refused(404, "NoSuchKey");
    }

    private static ApiResponse Refused(int status, string code) => new()
    {
        Status = status, ContentType = "application/xml", Body = Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>"),
    };

    private string Signature(string path, string expires) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{path}\n{expires}")));
}
