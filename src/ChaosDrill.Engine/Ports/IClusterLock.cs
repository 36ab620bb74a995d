using ChaosDrill.Model.Plans;

namespace ChaosDrill.Engine.Ports;

/// <summary>Keeps two drills from overlapping. Lives in the cluster, so that it holds between machines, and expires by itself.</summary>
public interface IClusterLock
{
    /// <summary>What it keeps other drills out of, in words: <c>namespace shop</c>.</summary>
    string Place { get; }

    /// <summary>Rights that it needs.</summary>
    IReadOnlyList<AccessNeed> Needs { get; }

    /// <summary>The way back, to be recorded before <see cref="TryAcquireAsync"/>.</summary>
    UndoRecord Undo { get; }

    /// <summary>Takes the lock, or takes it over when its holder let it expire.</summary>
    /// <returns>Null when it is held now; otherwise who holds it and until when, in words.</returns>
    Task<string?> TryAcquireAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Renews the lock until cancelled, and reports how long the echo of each renewal took to come back through a watch:
    /// an upper bound for the delay of every watched observation.
    /// </summary>
    /// <exception cref="ClusterException">The lock was lost: another drill took it.</exception>
    Task HoldAsync(Action<TimeSpan> echo, CancellationToken cancellationToken);
}
