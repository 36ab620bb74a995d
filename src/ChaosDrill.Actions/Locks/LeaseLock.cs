using System.Text.Json;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Engine;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Locks;

/// <summary>
/// A Lease named <c>chaosdrill</c> in the drill's namespace. Its renewals double as markers: the time from writing one
/// until its echo comes back through a watch bounds the delay of every watch of that API server.
/// </summary>
/// <param name="client">Speaks with the API server.</param>
/// <param name="ns">Where the lease is.</param>
/// <param name="drillId">Who holds it.</param>
/// <param name="outage">What of the cluster the drill itself takes away.</param>
/// <param name="other">The cluster, when it is not the drill's own.</param>
internal sealed class LeaseLock(KubernetesClient client, string ns, string drillId, PlannedOutage outage, OtherCluster? other = null) : IClusterLock
{
    public const string UndoKind = "lease";
    private const string Name = "chaosdrill";

    /// <summary>A holder that has not renewed for this long has lost the lock.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    /// <summary>Clocks of two hosts may differ by this much before a live holder is taken for a dead one.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(2);

    /// <summary>An echo that takes longer measures an outage and not a delay; the watch tells of that by itself.</summary>
    private static readonly TimeSpan EchoLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _echoes = [];
    private TaskCompletionSource _echoed = Signal.New();

    public string Place => $"namespace {ns}{(other is null ? "" : $" of cluster {other.Context}")}";

    public IReadOnlyList<AccessNeed> Needs =>
    [
        Need("create", null),
        .. new[] { "get", "update", "delete", "list", "watch" }.Select(verb => Need(verb, Name)),
    ];

    /// <summary>Made once: its expiry counts from here, and who asks twice gets the same record.</summary>
    public UndoRecord Undo { get; } = new(
        drillId, $"000-{UndoKind}{(other is null ? "" : $"-{other.Context}")}", UndoKind, $"remove lease {ns}/{Name}{(other is null ? "" : $" from cluster {other.Context}")}",
        Payload(ns, drillId, other), client.Clock.GetUtcNow() + Duration);

    public Task<string?> TryAcquireAsync(CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var now = client.Clock.GetUtcNow();
        try
        {
            if (await client.FindAsync(Resources.Leases, ns, Name, cancellationToken) is not { } lease)
            {
                await client.CreateAsync(
                    Resources.Leases, ns,
                    new Lease { Metadata = new ObjectMeta { Name = Name, Namespace = ns }, Spec = Spec(now, now, 0) }, null, cancellationToken);
                return null;
            }

            var expires = lease.Spec.RenewTime + TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 0) + Skew;
            if (lease.Spec.HolderIdentity is { Length: > 0 } holder && holder != drillId && expires > now)
            {
                return $"drill {holder} holds lease {ns}/{Name} and last renewed it at {lease.Spec.RenewTime:u}; it can be taken over after {expires:u}";
            }

            await client.ReplaceAsync(
                Resources.Leases, ns, lease with { Spec = Spec(now, now, (lease.Spec.LeaseTransitions ?? 0) + 1) }, null, cancellationToken);
            return null;
        }
        catch (ApiException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            return $"another drill took lease {ns}/{Name} at the same moment";
        }
    });

    public Task HoldAsync(Action<TimeSpan> echo, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = ListenAsync(both.Token);
        try
        {
            await RenewAsync(echo, both.Token);
        }
        finally
        {
            both.Cancel();
            await listening;
        }
    });

    /// <summary>The ways back from every lock in the cluster that its holder let expire.</summary>
    public static async Task<IReadOnlyList<UndoRecord>> ExpiredAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        var leases = await client.ListAsync(Resources.Leases, null, new ListOptions { FieldSelector = $"metadata.name={Name}" }, cancellationToken);
        return
        [
            .. from lease in leases.Items
               let held = new Held(lease.Metadata.Namespace!, lease.Spec.HolderIdentity ?? "")
               let expires = (lease.Spec.RenewTime ?? DateTimeOffset.UnixEpoch) + TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 0) + Skew
               where expires <= client.Clock.GetUtcNow()
               select new UndoRecord(
                   held.Holder, "000-" + UndoKind, UndoKind, $"remove lease {held.Namespace}/{Name}",
                   JsonSerializer.Serialize(held, LeaseJson.Default.Held), expires),
        ];
    }

    /// <summary>Removes the lease, unless another drill holds it by now.</summary>
    public static async Task<string> ReleaseAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var held = JsonSerializer.Deserialize(undo.Payload, LeaseJson.Default.Held)!;
        while (true)
        {
            if (await client.FindAsync(Resources.Leases, held.Namespace, Name, cancellationToken) is not { } lease)
            {
                return $"lease {held.Namespace}/{Name} is gone";
            }

            if (lease.Spec.HolderIdentity != held.Holder)
            {
                return $"lease {held.Namespace}/{Name} belongs to drill {lease.Spec.HolderIdentity} now and was left alone";
            }

            try
            {
                await client.DeleteAsync(
                    Resources.Leases, held.Namespace, Name,
                    new DeleteOptions { PreconditionUid = lease.Metadata.Uid, PreconditionResourceVersion = lease.Metadata.ResourceVersion },
                    cancellationToken);
                return $"lease {held.Namespace}/{Name} removed";
            }
            catch (ApiException e) when (e.IsConflict || e.IsNotFound)
            {
                // Changed since it was read: look again.
            }
        }
    }

    private async Task RenewAsync(Action<TimeSpan> echo, CancellationToken cancellationToken)
    {
        var renewed = client.Clock.GetTimestamp();
        while (true)
        {
            var sent = client.Clock.GetTimestamp();
            try
            {
                var lease = await client.GetAsync(Resources.Leases, ns, Name, cancellationToken);
                if (lease.Spec.HolderIdentity != drillId)
                {
                    throw new ClusterException($"lease {ns}/{Name} was taken over by drill {lease.Spec.HolderIdentity}");
                }

                sent = client.Clock.GetTimestamp();
                var written = await client.ReplaceAsync(
                    Resources.Leases, ns, lease with { Spec = lease.Spec with { RenewTime = client.Clock.GetUtcNow() } }, null, cancellationToken);
                renewed = sent;
                var heard = await EchoOfAsync(written.Metadata.ResourceVersion!, cancellationToken);
                if (heard is { } timestamp)
                {
                    echo(client.Clock.GetElapsedTime(sent, timestamp));
                }
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Changed since it was read: look again, who holds it then.
            }
            catch (ApiException e) when (e.IsNotFound && outage.NamespaceIsAway)
            {
                await TakeAnewAsync(cancellationToken);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                throw new ClusterException($"lease {ns}/{Name} was deleted by somebody while the drill held it", e);
            }
            catch (ApiException e) when (e.Code >= 500 && outage.HasBegun)
            {
                // An API server without its etcd answers, and cannot write.
            }
            catch (ApiUnreachableException e) when (client.Clock.GetElapsedTime(renewed) > Duration && !outage.HasBegun)
            {
                throw new ClusterException($"lease {ns}/{Name} could not be renewed for {Duration.TotalSeconds:0} s: {e.Message}", e);
            }
            catch (ApiUnreachableException)
            {
                // The API server may be what is being drilled. Whether somebody took the lease meanwhile shows when it is back.
            }

            await Task.Delay(RenewEvery, client.Clock, cancellationToken);
        }
    }

    /// <summary>The lock went with its namespace; who comes first when the namespace is back holds it.</summary>
    private async Task TakeAnewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = client.Clock.GetUtcNow();
            await client.CreateAsync(Resources.Leases, ns, new Lease { Metadata = new ObjectMeta { Name = Name, Namespace = ns }, Spec = Spec(now, now, 0) }, null, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsForbidden || e.IsAlreadyExists)
        {
            // The namespace is still away, or going: looked at again with the next renewal.
        }
    }

    /// <summary>When the watch brought a version of the lease; null when it did not in time.</summary>
    private async Task<long?> EchoOfAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        var begin = client.Clock.GetTimestamp();
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_echoes.Remove(resourceVersion, out var heard))
                {
                    _echoes.Clear();
                    return heard;
                }

                next = _echoed.Task;
            }

            var left = EchoLimit - client.Clock.GetElapsedTime(begin);
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            await Waiting.ForAsync(next, left, client.Clock, cancellationToken);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var e in client.WatchAsync(
                Resources.Leases, ns, new WatchOptions { FieldSelector = $"metadata.name={Name}" }, cancellationToken))
            {
                if (e.Object?.Metadata.ResourceVersion is { } version)
                {
                    Heard(version, e.ReceivedAt);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The drill is over.
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            // Whoever waits for the next echo learns why there will be none.
            lock (_lock)
            {
                _echoed.TrySetException(e);
            }
        }
    }

    private void Heard(string version, long timestamp)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            _echoes[version] = timestamp;
            signal = _echoed;
            _echoed = Signal.New();
        }

        signal.SetResult();
    }

    // Rules cannot name what is yet to be created.
    private AccessNeed Need(string verb, string? name) =>
        new(verb, "coordination.k8s.io", "leases", ns, "keep other drills out and measure the watch delay", name) { Context = other?.Context };

    private static string Payload(string ns, string drillId, OtherCluster? other)
    {
        var held = JsonSerializer.Serialize(new Held(ns, drillId), LeaseJson.Default.Held);
        return other?.In(held) ?? held;
    }

    private LeaseSpec Spec(DateTimeOffset acquired, DateTimeOffset renewed, int transitions) => new()
    {
        HolderIdentity = drillId,
        LeaseDurationSeconds = (int)Duration.TotalSeconds,
        AcquireTime = acquired,
        RenewTime = renewed,
        LeaseTransitions = transitions,
    };
}
