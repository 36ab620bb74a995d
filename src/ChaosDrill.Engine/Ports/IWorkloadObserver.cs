using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Ports;

/// <summary>Watches workloads, pod by pod, and reports every change as it arrives.</summary>
public interface IWorkloadObserver
{
    /// <summary>Rights that watching needs.</summary>
    IReadOnlyList<AccessNeed> Needs { get; }

    /// <summary>Completed when the state at the start has been reported; faulted when it cannot be had.</summary>
    Task Synced { get; }

    /// <summary>Watches until cancelled. Returns then; throws <see cref="ClusterException"/> when watching is refused.</summary>
    Task ObserveAsync(ITimelineWriter timeline, CancellationToken cancellationToken);
}

/// <summary>Where observations are written.</summary>
public interface ITimelineWriter
{
    /// <summary>Records something that happens now.</summary>
    void Record(TimelineEvent happened);

    /// <summary>Records something that happened at an instant of the drill's <see cref="TimeProvider.GetTimestamp"/>.</summary>
    void Record(TimelineEvent happened, long timestamp);

    /// <summary>Records what one look showed, each with its instant; it is written down in one go.</summary>
    void Record(IReadOnlyList<(TimelineEvent Happened, long Timestamp)> together);

    /// <summary>The instant of a timestamp on the drill's clock.</summary>
    TimeSpan At(long timestamp);
}
