using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Etcd;

/// <summary>A real etcd on this machine's loopback for a twin to keep its objects in. Lives and dies with this process.</summary>
public sealed class TwinEtcd : IAsyncDisposable
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromMinutes(1);

    private readonly LocalPlace _place;
    private readonly LocalEtcd _etcd;

    private TwinEtcd(LocalPlace place, LocalEtcd etcd) => (_place, _etcd) = (place, etcd);

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
        var started = new TwinEtcd(place, new LocalEtcd(tools, place, members, clock));
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

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _etcd.DisposeAsync();
        LocalPlace.Remove(new UndoRecord("", "", LocalPlace.UndoKind, "", _place.Payload, DateTimeOffset.UnixEpoch));
    }
}
