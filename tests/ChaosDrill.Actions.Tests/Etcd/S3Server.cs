using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Amazon.S3;
using Amazon.S3.Model;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Kubernetes;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>
/// A server that speaks S3 and holds callers to their signatures and rights (moto), with a bucket <c>backups</c>; gone with the test.
/// </summary>
internal sealed partial class S3Server : IAsyncDisposable
{
    private static readonly string _credentials = Path.Combine(AppContext.BaseDirectory, "s3-credentials");

    private readonly RunningProgram _moto;
    private readonly int _port;

    private S3Server(int port, RunningProgram moto) => (_port, _moto) = (port, moto);

    /// <summary>Before any test: the library looks up once in a process where this file is, and looks elsewhere when there is none. The tests that use it run one after the other.</summary>
    [ModuleInitializer]
    internal static void NameCredentials()
    {
        File.WriteAllText(_credentials, "");
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", _credentials);
    }

    /// <summary>The bucket, with the right credentials.</summary>
    public SnapshotBucket Bucket => new() { Name = "backups", Prefix = Prefix, Endpoint = $"http://127.0.0.1:{_port}", Profile = "right" };

    /// <summary>Goes to the bucket past the code under test.</summary>
    public AmazonS3Client Client { get; private set; } = null!;

    /// <summary>The secret of the right credentials.</summary>
    public string Secret { get; private set; } = null!;

    /// <summary>Begins the names of what the tests put there.</summary>
    private string Prefix { get; init; } = "";

    /// <summary>Starts it.</summary>
    /// <param name="isStrict">Whether it holds callers to signatures; it then takes no slash in a question for names, for which it computes another signature than S3 does.</param>
    public static async Task<S3Server> StartAsync(bool isStrict = true)
    {
        Assert.SkipWhen(ProgramPath.Find("moto_server") is null, "needs moto_server in PATH, a server that speaks S3: pip install 'moto[server]'");
        var port = FreePort();
        var moto = RunningProgram.Start(
            new ProgramCall
            {
                Program = "moto_server",
                Arguments = ["-H", "127.0.0.1", "-p", $"{port}"],
                Environment = new Dictionary<string, string?> { ["INITIAL_NO_AUTH_ACTION_COUNT"] = "1000000" },
                OwnSession = true,
                OutputLimit = 16 * 1024,
            },
            TimeProvider.System);
        var server = new S3Server(port, moto) { Prefix = isStrict ? "etcd-" : "etcd/" };
        await server.FurnishAsync(isStrict);
        return server;
    }

    public Task PutAsync(string name, string text) => PutAsync(name, System.Text.Encoding.UTF8.GetBytes(text));

    public async Task PutAsync(string name, byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        await Client.PutObjectAsync(new PutObjectRequest { BucketName = "backups", Key = Prefix + name, InputStream = stream }, SourceEtcd.Stop);
    }

    public async Task<byte[]> GetAsync(string name)
    {
        using var answer = await Client.GetObjectAsync("backups", Prefix + name, SourceEtcd.Stop);
        using var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes, SourceEtcd.Stop);
        return bytes.ToArray();
    }

    public Task DeleteAsync(string name) => Client.DeleteObjectAsync("backups", Prefix + name, SourceEtcd.Stop);

    public async Task<IReadOnlyList<string>> NamesAsync() =>
        [.. ((await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "backups" }, SourceEtcd.Stop)).S3Objects ?? []).Select(o => o.Key)];

    /// <summary>A way to the server that breaks after so many bytes of its answers to one connection.</summary>
    public Breaking Break(long after) => new(_port, after);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _moto.DisposeAsync();
    }

    /// <summary>A user with all rights on buckets, the bucket, and from then on nobody without a signature.</summary>
    private async Task FurnishAsync(bool isStrict)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=any");
        var begin = TimeProvider.System.GetTimestamp();
        while (!await AskAsync())
        {
            Assert.True(!_moto.HasExited && TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(60), _moto.Errors);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, SourceEtcd.Stop);
        }

        var key = await SendAsync(("Action", "CreateAccessKey"), ("UserName", "drill"));
        await SendAsync(
            ("Action", "PutUserPolicy"), ("UserName", "drill"), ("PolicyName", "all"),
            ("PolicyDocument", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"""));
        var id = KeyId().Match(key).Groups[1].Value;
        Secret = SecretKey().Match(key).Groups[1].Value;
        Client = new AmazonS3Client(id, Secret, new AmazonS3Config { ServiceURL = $"http://127.0.0.1:{_port}", ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await Client.PutBucketAsync("backups", SourceEtcd.Stop);
        using (var strict = new ByteArrayContent(isStrict ? "0"u8.ToArray() : "1000000"u8.ToArray()))
        using (var answer = await http.PostAsync(new Uri("/moto-api/reset-auth", UriKind.Relative), strict, SourceEtcd.Stop))
        {
            answer.EnsureSuccessStatusCode();
        }

        await File.WriteAllTextAsync(
            _credentials,
            $"""
            [right]
            aws_access_key_id = {id}
            aws_secret_access_key = {Secret}
            [wrong]
            aws_access_key_id = {id}
            aws_secret_access_key = other
            [stranger]
            aws_access_key_id = AKIA0000000000000000
            aws_secret_access_key = {Secret}

            """,
            SourceEtcd.Stop);

        async Task<bool> AskAsync()
        {
            try
            {
                await SendAsync(("Action", "CreateUser"), ("UserName", "drill"));
                return true;
            }
            catch (HttpRequestException)
            {
                // Not yet.
                return false;
            }
        }

        async Task<string> SendAsync(params (string Name, string Value)[] form)
        {
            using var content = new FormUrlEncodedContent([.. form.Select(f => KeyValuePair.Create(f.Name, f.Value)), KeyValuePair.Create("Version", "2010-05-08")]);
            using var answer = await http.PostAsync(new Uri("/", UriKind.Relative), content, SourceEtcd.Stop);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadAsStringAsync(SourceEtcd.Stop);
        }
    }

    [GeneratedRegex("<AccessKeyId>(.*?)</AccessKeyId>")]
    private static partial Regex KeyId();

    [GeneratedRegex("<SecretAccessKey>(.*?)</SecretAccessKey>")]
    private static partial Regex SecretKey();

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    internal sealed class Breaking : IAsyncDisposable
    {
        private readonly TcpListener _door = new(IPAddress.Loopback, 0);
        private readonly Task _serving;
        private readonly int _port;
        private readonly long _after;

        public Breaking(int port, long after)
        {
            (_port, _after) = (port, after);
            _door.Start();
            _serving = ServeAsync();
        }

        public string Endpoint => $"http://{_door.LocalEndpoint}";

        public async ValueTask DisposeAsync()
        {
            _door.Dispose();
            await _serving;
        }

        private async Task ServeAsync()
        {
            var passing = new List<Task>();
            try
            {
                while (true)
                {
                    passing.Add(PassAsync(await _door.AcceptTcpClientAsync()));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(passing);
            }
        }

        private async Task PassAsync(TcpClient client)
        {
            using var near = client;
            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, _port);
            var asking = CopyAsync(near, far, long.MaxValue);
            await CopyAsync(far, near, _after);
            near.Client.Close(0);
            far.Client.Close(0);
            await asking;
        }

        private static async Task CopyAsync(TcpClient from, TcpClient to, long most)
        {
            var buffer = new byte[4096];
            try
            {
                for (var passed = 0L; passed < most;)
                {
                    var read = await from.GetStream().ReadAsync(buffer);
                    if (read == 0)
                    {
                        return;
                    }

                    await to.GetStream().WriteAsync(buffer.AsMemory(0, (int)Math.Min(read, most - passed)));
                    passed += read;
                }
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or SocketException)
            {
                // One of the two has gone.
            }
        }
    }
}
