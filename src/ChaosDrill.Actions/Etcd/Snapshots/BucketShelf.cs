using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>The snapshots in a bucket, each with its note beside it.</summary>
/// <remarks>
/// Loads the client library of S3, which nothing else does. Every member throws <see cref="ClusterException"/>; what a server
/// writes into its refusals besides code and message, keys and signatures for some, is not repeated.
/// </remarks>
internal sealed class BucketShelf : IDisposable
{
    private const string UsualRegion = "us-east-1";
    private const int Chunk = 1 << 20;

    /// <summary>Of this length on it is sent in parts.</summary>
    private const long PartLength = 64L << 20;

    /// <summary>How long it may take to answer the first question.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly SnapshotBucket _bucket;
    private readonly AmazonS3Client _s3;

    /// <summary>Connects to nothing yet.</summary>
    /// <exception cref="ClusterException">The profile does not exist.</exception>
    public BucketShelf(SnapshotBucket bucket)
    {
        _bucket = bucket;
        var config = new AmazonS3Config
        {
            ForcePathStyle = bucket.PathStyle ?? bucket.Endpoint is not null,
            MaxErrorRetry = 2,

            // Whoever calls has a limit of its own.
            Timeout = Timeout.InfiniteTimeSpan,

            // Other servers than Amazon's know only what is required.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = bucket.Region ?? FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName ?? UsualRegion;
        if (bucket.Endpoint is not null)
        {
            (config.ServiceURL, config.AuthenticationRegion) = (bucket.Endpoint, region);
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        if (bucket.Profile is not { } profile)
        {
            _s3 = new AmazonS3Client(config);
            return;
        }

        _s3 = new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var credentials)
            ? new AmazonS3Client(credentials, config)
            : throw new ClusterException($"there are no credentials of profile {profile}; write them into ~/.aws/credentials or the file that AWS_SHARED_CREDENTIALS_FILE names, or correct bucket.profile");
    }

    /// <summary>Where it is, for people.</summary>
    public string Place => PlaceOf("");

    /// <summary>Why a bucket cannot be used: it is asked, and nothing is written to it.</summary>
    /// <param name="bucket">The bucket; null is none.</param>
    /// <param name="clock">For the limit.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<IReadOnlyList<Refusal>> RefusalsAsync(SnapshotBucket? bucket, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (bucket is null)
        {
            return [];
        }

        using var limit = new CancellationTokenSource(_patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var shelf = new BucketShelf(bucket);
            await shelf.ListAsync(either.Token);
            return [];
        }
        catch (ClusterException e)
        {
            return [new Refusal(RefusalKind.Missing, e.Message, "correct bucket:, or its credentials")];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [new Refusal(RefusalKind.Missing, $"bucket {bucket.Name} does not answer within {_patience.TotalSeconds:0} s", "correct bucket.endpoint, or start its server")];
        }
    }

    /// <summary>The snapshots, the youngest first: by the time in the names that drills give, and for others by when they were put there.</summary>
    public Task<IReadOnlyList<KeptSnapshot>> ListAsync(CancellationToken cancellationToken) => Translate<IReadOnlyList<KeptSnapshot>>("list", async () =>
    {
        var objects = await ObjectsAsync(cancellationToken);
        return
        [
            .. objects.Where(o => o.Key.EndsWith(SnapshotName.Ending, StringComparison.Ordinal))
                .Select(o => new KeptSnapshot(o.Key, SnapshotName.TakenAt(o.Key) ?? o.Value))
                .OrderByDescending(s => s.At).ThenByDescending(s => SnapshotName.RevisionOf(s.Name)).ThenByDescending(s => s.Name, StringComparer.Ordinal),
        ];
    });

    /// <summary>Puts a snapshot there, its note first: so there is none without.</summary>
    public Task PutAsync(string path, CancellationToken cancellationToken) => Translate("write to", async () =>
    {
        using var transfer = new TransferUtility(_s3, new TransferUtilityConfig { ConcurrentServiceRequests = 1, MinSizeBeforePartUpload = PartLength });
        foreach (var file in (string[])[path + SnapshotNote.Suffix, path])
        {
            await transfer.UploadAsync(
                new TransferUtilityUploadRequest { BucketName = _bucket.Name, Key = _bucket.Prefix + Path.GetFileName(file), FilePath = file, PartSize = PartLength }, cancellationToken);
        }
    });

    /// <summary>Whether the bucket holds just what a file holds; reads all of it.</summary>
    public Task<bool> HoldsAsync(string path, CancellationToken cancellationToken) => Translate("read back", async () =>
    {
        using var answer = await _s3.GetObjectAsync(_bucket.Name, _bucket.Prefix + Path.GetFileName(path), cancellationToken);
        await using var file = File.OpenRead(path);
        var (there, here) = (new byte[Chunk], new byte[Chunk]);
        while (true)
        {
            var read = await answer.ResponseStream.ReadAtLeastAsync(there, Chunk, throwOnEndOfStream: false, cancellationToken);
            var wanted = await file.ReadAtLeastAsync(here, Chunk, throwOnEndOfStream: false, cancellationToken);
            if (!there.AsSpan(0, read).SequenceEqual(here.AsSpan(0, wanted)))
            {
                return false;
            }

            if (read < Chunk)
            {
                return true;
            }
        }
    });

    /// <summary>Fetches a snapshot, with its note where it has one.</summary>
    /// <returns>Path of the file.</returns>
    public Task<string> FetchAsync(string name, string folder, CancellationToken cancellationToken) => Translate("read", async () =>
    {
        var path = Path.Combine(folder, Path.GetFileName(name));
        await FetchAsync(name, path, isNeeded: true, cancellationToken);
        await FetchAsync(name + SnapshotNote.Suffix, path + SnapshotNote.Suffix, isNeeded: false, cancellationToken);
        return path;
    });

    /// <summary>Removes the oldest of the snapshots that drills put there, so that so many are left; strangers' objects are never touched.</summary>
    /// <returns>What was removed.</returns>
    public Task<IReadOnlyList<string>> RetainAsync(int keep, CancellationToken cancellationToken) => Translate<IReadOnlyList<string>>("clear", async () =>
    {
        var objects = await ObjectsAsync(cancellationToken);
        var surplus = objects.Keys.Where(name => SnapshotName.TakenAt(name) is not null && objects.ContainsKey(name + SnapshotNote.Suffix))
            .OrderByDescending(name => SnapshotName.TakenAt(name)).ThenByDescending(SnapshotName.RevisionOf).Skip(keep).ToList();
        foreach (var name in surplus.SelectMany(name => (string[])[name, name + SnapshotNote.Suffix]))
        {
            await _s3.DeleteObjectAsync(_bucket.Name, _bucket.Prefix + name, cancellationToken);
        }

        return [.. surplus.Select(PlaceOf)];
    });

    /// <summary>Where an object is, for people.</summary>
    public string PlaceOf(string name) => $"s3://{_bucket.Name}/{_bucket.Prefix}{name}";

    public void Dispose() => _s3.Dispose();

    /// <summary>Names behind the prefix, without those in folders further down, and when each was put there.</summary>
    private async Task<IReadOnlyDictionary<string, DateTimeOffset>> ObjectsAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var request = new ListObjectsV2Request { BucketName = _bucket.Name, Prefix = _bucket.Prefix };
        while (true)
        {
            var page = await _s3.ListObjectsV2Async(request, cancellationToken);
            foreach (var item in page.S3Objects ?? [])
            {
                var name = item.Key[_bucket.Prefix.Length..];
                if (name.Length > 0 && !name.Contains('/', StringComparison.Ordinal))
                {
                    found[name] = item.LastModified?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch;
                }
            }

            if (page.IsTruncated != true)
            {
                return found;
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
    }

    private async Task FetchAsync(string name, string path, bool isNeeded, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _s3.GetObjectAsync(_bucket.Name, _bucket.Prefix + name, cancellationToken);
            await using var file = File.Create(path);
            await answer.ResponseStream.CopyToAsync(file, cancellationToken);
            if (file.Length != answer.ContentLength)
            {
                throw new IOException($"{PlaceOf(name)} broke off after {file.Length} of {answer.ContentLength} bytes");
            }
        }
        catch (AmazonS3Exception e) when (!isNeeded && e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            // Of another tool: its verification says what that means.
        }
    }

    private async Task Translate(string verb, Func<Task> work) => await Translate(verb, async () =>
    {
        await work();
        return true;
    });

    private async Task<T> Translate<T>(string verb, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (AmazonServiceException e)
        {
            throw new ClusterException($"cannot {verb} {Place}: {e.ErrorCode}{(e.Message.Length > 0 ? $": {e.Message}" : "")}{MendOf(e)}", e);
        }
        catch (AmazonClientException e)
        {
            throw new ClusterException($"cannot {verb} {Place}: {e.Message}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with bucket.profile", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            throw new ClusterException($"cannot {verb} {Place}: {(e.InnerException ?? e).Message}", e);
        }
    }

    private static string MendOf(AmazonServiceException e) => e.ErrorCode switch
    {
        "NoSuchBucket" => "; correct bucket.name, or make the bucket",
        "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "AccessDenied" or "Forbidden" or "ExpiredToken" or "InvalidToken" =>
            "; correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or the profile, or what they may do in this bucket (list, get, put, delete)",
        "PermanentRedirect" or "AuthorizationHeaderMalformed" => "; correct bucket.region",
        _ => "",
    };
}

/// <summary>A snapshot that is kept somewhere.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="At">When it was taken, as far as its place says.</param>
internal sealed record KeptSnapshot(string Name, DateTimeOffset At);
