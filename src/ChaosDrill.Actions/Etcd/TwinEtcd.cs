using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Etcd;

/// <summary>A real etcd on this machine's loopback for a twin to keep its objects in. Lives and dies with this process.</summary>
public sealed class TwinEtcd : IAsyncDisposable
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromMinutes(1);

    private readonly LocalPlace _place;
    private readonly LocalEtcd _etcd;

    private readonly EtcdTools _tools;

    private TwinEtcd(LocalPlace place, LocalEtcd etcd, EtcdTools tools) => (_place, _etcd, _tools) = (place, etcd, tools);

    /// <summary>Where its members answer.</summary>
    public IReadOnlyList<string> Endpoints => _etcd.Access.Endpoints;

    /// <summary>Starts it, and clears away what earlier processes left that were killed.</summary>
    /// <exception cref="ClusterException">etcd's programs are missing, or it does not start.</exception>
    public static async Task<TwinEtcd> StartAsync(int members, TimeProvider clock, CancellationToken cancellationToken)
    {
        var tools = await EtcdTools.FindAsync(null, clock, cancellationToken);
        if (tools.MissingToRestore().FirstOrDefault() is { } missing)
        {
            throw new ClusterException($"{missing.Message}; {missing.Mend}");
        }

        LocalPlace.ClearDead(Path.GetTempPath());
        var place = LocalPlace.In(Path.GetTempPath());
        place.Make();
        var started = new TwinEtcd(place, new LocalEtcd(tools, place, members, clock), tools);
        try
        {
            started._etcd.Start();
            await started._etcd.HealthyAsync(_startLimit, cancellationToken);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a member's process.</summary>
    internal Task KillAsync(string member) => LocalEtcd.KillAsync(MemberNamed(member));

    /// <summary>Starts a member that does not run.</summary>
    internal void StartMember(string member)
    {
        if (MemberNamed(member) is { Program: null or { HasExited: true } } stopped)
        {
            _etcd.Start(stopped);
        }
    }

    /// <summary>Starts every member that does not run.</summary>
    internal void Start() => _etcd.Start();

    /// <summary>Where the data of each member lies once it was moved aside.</summary>
    internal IReadOnlyList<string> AsideOf(string mark) => [.. _etcd.Members.Select(m => Aside(m, mark))];

    /// <summary>Moves a member's data aside.</summary>
    internal void MoveAside(string member, string mark) => Directory.Move(MemberNamed(member).DataFolder, Aside(MemberNamed(member), mark));

    /// <summary>Restores a snapshot into every member's data folder.</summary>
    /// <returns>Null when it is restored; otherwise what the tool said.</returns>
    internal Task<string?> RestoreAsync(string snapshot, string token, TimeSpan limit, CancellationToken cancellationToken) =>
        _etcd.RestoreAsync(snapshot, limit, cancellationToken, token, _tools.Restorer!.BumpArguments);

    /// <summary>Ends every member and replaces its data by what was moved aside, where something was.</summary>
    internal async Task PutBackAsync(string mark)
    {
        foreach (var member in _etcd.Members)
        {
            await LocalEtcd.KillAsync(member);
            if (!Directory.Exists(Aside(member, mark)))
            {
                continue;
            }

            if (Directory.Exists(member.DataFolder))
            {
                Directory.Delete(member.DataFolder, recursive: true);
            }

            Directory.Move(Aside(member, mark), member.DataFolder);
        }
    }

    private static string Aside(LocalMember member, string mark) => $"{member.DataFolder}.lost-{mark}";

    private LocalMember MemberNamed(string name) => _etcd.Members.Single(m => m.Name == name);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _etcd.DisposeAsync();
        LocalPlace.Remove(new UndoRecord("", "", LocalPlace.UndoKind, "", _place.Payload, DateTimeOffset.UnixEpoch));
    }
}
