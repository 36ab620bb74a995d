using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ChaosDrill.Store.Tests;

/// <summary>Debian's PostgreSQL in a folder and on a loopback port of its own, started when it is first needed and stopped with its owner.</summary>
/// <remarks>It refuses to run as root, so that root starts it as the user that its package brings.</remarks>
public sealed class PostgresServer : IDisposable
{
    public const string Password = "correct-horse";
    private const string ServerUser = "postgres";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "chaosdrill-postgres-" + Guid.NewGuid().ToString("N"));
    private Process? _server;
    private int _stores;

    public int Port { get; private set; }

    private static string Programs => Directory.Exists("/usr/lib/postgresql")
        ? Path.Combine(Directory.GetDirectories("/usr/lib/postgresql").MaxBy(d => int.Parse(Path.GetFileName(d), CultureInfo.InvariantCulture))!, "bin")
        : throw new InvalidOperationException("Debian's package postgresql is not installed: apt-get install -y postgresql");

    /// <summary>A connection string for a store that nobody has used.</summary>
    public string NewStore() => Connection($"store_{Interlocked.Increment(ref _stores)}");

    /// <summary>A connection string for a schema.</summary>
    public string Connection(string schema)
    {
        Start();
        return $"Host=127.0.0.1;Port={Port};Database=postgres;Username=drills;Password={Password};Search Path={schema}";
    }

    /// <summary>Starts it, unless it runs.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_server is { HasExited: false })
            {
                return;
            }

            if (Port == 0)
            {
                Port = FreePort();
                Run("sh", "-c", $"mkdir -p '{_folder}' && chmod 700 '{_folder}'" + (IsRoot ? $" && chown {ServerUser} '{_folder}'" : ""));
                var secret = Path.Combine(_folder, "secret");
                File.WriteAllText(secret, Password);
                Run("chmod", "644", secret);
                Run(Own("initdb", "-D", Data, "-U", "drills", "--pwfile", secret, "--auth=scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"));
            }

            // A process that is killed leaves its writes to the operating system: synced or not makes no difference here, but for the time.
            var command = Own("postgres", "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-h", "127.0.0.1", "-k", _folder, "-c", "fsync=off", "-c", "max_connections=200");
            _server = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
            var log = new System.Text.StringBuilder();
            _server.OutputDataReceived += (_, e) => log.AppendLine(e.Data);
            _server.ErrorDataReceived += (_, e) => log.AppendLine(e.Data);
            _server.BeginOutputReadLine();
            _server.BeginErrorReadLine();
            var begin = TimeProvider.System.GetTimestamp();
            while (!IsReady())
            {
                if (_server.HasExited || TimeProvider.System.GetElapsedTime(begin) > Limit)
                {
                    throw new InvalidOperationException($"PostgreSQL does not start: {log}");
                }
            }
        }
    }

    /// <summary>Ends it: SIGINT is its fast shutdown, SIGKILL a crash.</summary>
    public void Stop(string signal = "INT")
    {
        lock (_lock)
        {
            if (_server is { HasExited: false })
            {
                Signal("CONT");
                Run("kill", "-" + signal, _server.Id.ToString(CultureInfo.InvariantCulture));
                _server.WaitForExit();
            }

            _server?.Dispose();
            _server = null;
        }
    }

    /// <summary>Lets it stand still, or go on: it accepts connections and answers nothing.</summary>
    public void Signal(string signal) => Run("sh", "-c", $"kill -{signal} {_server!.Id} $(ps -o pid= --ppid {_server!.Id})");

    public void Dispose()
    {
        Stop();
        if (Port != 0)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(_folder, "data");

    private static string[] Own(string program, params string[] arguments) =>
        [.. IsRoot ? (string[])["setpriv", "--reuid", ServerUser, "--regid", ServerUser, "--clear-groups"] : [], Path.Combine(Programs, program), .. arguments];

    private static void Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {said.Result}{error}");
        }
    }

    private bool IsReady()
    {
        using var asked = Process.Start(new ProcessStartInfo(Path.Combine(Programs, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture)]))!;
        asked.WaitForExit();
        return asked.ExitCode == 0;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
