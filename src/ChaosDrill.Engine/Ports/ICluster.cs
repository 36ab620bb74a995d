using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Ports;

/// <summary>A cluster as a drill sees it. The only way from the engine to the outside; no Kubernetes type passes through it.</summary>
/// <remarks>Every member throws <see cref="ClusterException"/> when the cluster refuses or cannot be reached.</remarks>
public interface ICluster : IAsyncDisposable
{
    /// <summary>Address of its API server, known without asking it: a way back may have to begin while it is away.</summary>
    string Server { get; }

    /// <summary>The clock that stamps what is observed of it.</summary>
    TimeProvider Clock { get; }

    /// <summary>Asks the cluster who it is.</summary>
    Task<ClusterIdentity> IdentifyAsync(CancellationToken cancellationToken);

    /// <summary>Uid of a namespace; null when there is none, or it is being deleted.</summary>
    Task<string?> FindNamespaceAsync(string name, CancellationToken cancellationToken);

    /// <summary>The running pods of a namespace.</summary>
    Task<IReadOnlyList<Touched>> ReadPodsAsync(string ns, CancellationToken cancellationToken);

    /// <summary>Replicas that a workload asks for; null when there is no such workload.</summary>
    Task<int?> FindWorkloadAsync(string ns, WorkloadReference workload, CancellationToken cancellationToken);

    /// <summary>What disruption budgets and the room on other nodes would make of a fault; touches nothing.</summary>
    Task<IReadOnlyList<Forecast>> ForecastAsync(FaultPlan plan, CancellationToken cancellationToken);

    /// <summary>Rights that looking at a namespace and its workloads takes, before and while a drill runs.</summary>
    IReadOnlyList<AccessNeed> NeedsToLook(string ns, IReadOnlyList<WorkloadReference> workloads);

    /// <summary>Asks for each right whether it is granted, without using it.</summary>
    Task<IReadOnlyList<AccessDecision>> ReviewAccessAsync(IReadOnlyList<AccessNeed> needs, CancellationToken cancellationToken);

    /// <summary>The fault that a step asks for; null when the step is none of this cluster's faults.</summary>
    IFault? FaultFor(StepAction action, string ns);

    /// <summary>What a step does that is no fault; null when the step is none of this cluster's activities.</summary>
    IActivity? ActivityFor(StepAction action, string ns);

    /// <summary>The probe that asks a target.</summary>
    IProbe ProbeFor(Probe probe, Scenario scenario);

    /// <summary>What watches the subjects of a scenario besides the drill; null when the scenario names nothing.</summary>
    IMonitoring? MonitoringFor(Scenario scenario);

    /// <summary>A new ledger, with a random id of its own; nothing is written yet.</summary>
    ILedger LedgerFor(LedgerSpec ledger, string ns);

    /// <summary>Watches workloads of a namespace.</summary>
    IWorkloadObserver Observe(string ns, IReadOnlyList<WorkloadReference> workloads);

    /// <summary>The locks that keep other drills out: of the scenario's namespace first, then of each other cluster that its steps act on.</summary>
    IReadOnlyList<IClusterLock> LocksFor(Scenario scenario, string drillId);

    /// <summary>Goes a recorded way back, of this drill or of one whose process died. Idempotent.</summary>
    /// <returns>What was done, in words.</returns>
    /// <exception cref="UndoRefusedException">Somebody else has changed it meanwhile.</exception>
    Task<string> UndoAsync(UndoRecord undo, CancellationToken cancellationToken);

    /// <summary>The ways back that stand in the cluster itself, in the order in which they are to be gone; needs no store.</summary>
    Task<IReadOnlyList<UndoRecord>> FindLeftoversAsync(CancellationToken cancellationToken);
}

/// <summary>The cluster refused, or could not be reached.</summary>
/// <param name="message">What was asked, what came back, and how to mend it.</param>
/// <param name="inner">The cause.</param>
public class ClusterException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A change cannot be put back, and trying again at once would not help: somebody else has changed the same thing
/// meanwhile, and their change stays; or a person has to mend something first.
/// </summary>
/// <param name="message">What is there now, what the drill had set, and what it was before; or what to mend.</param>
public sealed class UndoRefusedException(string message) : ClusterException(message);
