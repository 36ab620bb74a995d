using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>
/// A bucket of S3, or of a server that speaks like it, that snapshots are kept in. Credentials are never written here: they come
/// from <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>, or from a profile, as for every other program that uses S3.
/// </summary>
public sealed record SnapshotBucket
{
    /// <summary>Name of the bucket; it must exist.</summary>
    public required string Name { get; init; }

    /// <summary>What the names of the objects begin with, such as <c>etcd/production/</c>. Every cluster needs one of its own: retention counts all that lies under it.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Address of a server that is not Amazon's, such as <c>https://minio.example:9000</c>. Without it Amazon's, or what <c>AWS_ENDPOINT_URL_S3</c> says.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Region, such as <c>eu-central-1</c>. Without it, what <c>AWS_REGION</c> or the profile says, and otherwise <c>us-east-1</c>.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket is named in the path, <c>https://HOST/BUCKET</c>, and not in the host. Without it, where an endpoint is named.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Name of a profile of the credentials file. Without it, the usual chain: environment, <c>AWS_PROFILE</c>, the machine's role.</summary>
    public string? Profile { get; init; }

    /// <summary>What is wrong with it.</summary>
    internal IEnumerable<OptionProblem> Check()
    {
        if (Name.Length < 3 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            yield return new OptionProblem("bucket.name", $"\"{Name}\" is no name of a bucket", "write its name alone, without s3:// and without a path; what follows belongs in prefix");
        }

        if (Prefix.StartsWith('/'))
        {
            yield return new OptionProblem("bucket.prefix", "names of objects do not begin with a slash", $"write prefix: {Prefix.TrimStart('/')}");
        }

        if (Endpoint is not null && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "", AbsolutePath: "/", Query: "" }))
        {
            yield return new OptionProblem("bucket.endpoint", "it is no http or https address of a server alone", "write https://HOST:PORT, without bucket, user or password");
        }
    }
}
