using ChaosDrill.Actions.Activities;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Faults;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Faults.EtcdKill;
using ChaosDrill.Actions.Faults.Pods;
using ChaosDrill.Actions.Ledgers;
using ChaosDrill.Actions.Locks;
using ChaosDrill.Actions.Preflight;
using ChaosDrill.Actions.Probes;
using ChaosDrill.Actions.Prometheus;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Actions.Workloads;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Clusters;

/// <summary>A cluster behind a Kubernetes API; the twin is one like any other.</summary>
/// <param name="client">Speaks with its API server.</param>
/// <param name="name">The kubeconfig's context, or <c>twin</c>.</param>
/// <param name="isTwin">Whether it is the embedded cluster.</param>
/// <param name="person">Who answers at the terminal; null is nobody.</param>
/// <param name="etcd">The etcd of a twin that keeps its objects in one; null on every other cluster.</param>
/// <param name="more">Steps that scenarios cannot ask for; null for none, and for each that is not its own.</param>
public sealed class KubernetesCluster(
    KubernetesClient client, string name, bool isTwin, IPerson? person = null, TwinEtcd? etcd = null, Func<StepAction, IActivity?>? more = null) : ICluster
{
    private readonly PodFeed _feed = new();
    private readonly VeleroSession _velero = new();
    private readonly EtcdSession _etcd = new(etcd, name);
    private readonly PlannedOutage _outage = new();
    private PrometheusApi? _prometheus;

    /// <inheritdoc />
    public string Server => client.Server.ToString();

    /// <inheritdoc />
    public TimeProvider Clock => client.Clock;

    /// <inheritdoc />
    public Task<ClusterIdentity> IdentifyAsync(CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var version = await client.GetServerVersionAsync(cancellationToken);
        return new ClusterIdentity(name, Server, version.GitVersion, isTwin);
    });

    /// <inheritdoc />
    public Task<string?> FindNamespaceAsync(string name, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
        await client.FindAsync(Resources.Namespaces, null, name, cancellationToken) is { Metadata: { DeletionTimestamp: null, Uid: var uid } } ? uid : null);

    /// <inheritdoc />
    public Task<IReadOnlyList<Touched>> ReadPodsAsync(string ns, CancellationToken cancellationToken) => ClusterFailure.Translate<IReadOnlyList<Touched>>(async () =>
        [.. Victims.Candidates((await client.ListAsync(Resources.Pods, ns, null, cancellationToken)).Items).Select(PodTouch.Of)]);

    /// <inheritdoc />
    public Task<int?> FindWorkloadAsync(string ns, WorkloadReference workload, CancellationToken cancellationToken) =>
        ClusterFailure.Translate(async () => (await WorkloadLookup.FindAsync(client, ns, workload, cancellationToken))?.Desired);

    /// <inheritdoc />
    public Task<IReadOnlyList<Forecast>> ForecastAsync(FaultPlan plan, CancellationToken cancellationToken) =>
        ClusterFailure.Translate(() => Forecaster.ForecastAsync(client, plan, cancellationToken));

    /// <inheritdoc />
    public IReadOnlyList<AccessNeed> NeedsToLook(string ns, IReadOnlyList<WorkloadReference> workloads) =>
    [
        new("get", "", "namespaces", ns, "see that the namespace is there", ns),
        .. workloads.Select(w => new AccessNeed("get", "apps", w.Kind + "s", ns, "see that the workload is there", w.Name)),
        .. Observe(ns, workloads).Needs,
    ];

    /// <inheritdoc />
    public Task<IReadOnlyList<AccessDecision>> ReviewAccessAsync(IReadOnlyList<AccessNeed> needs, CancellationToken cancellationToken) =>
        ClusterFailure.Translate<IReadOnlyList<AccessDecision>>(async () =>
            await Task.WhenAll(needs.Select(need => ReviewAsync(need, cancellationToken))));

    /// <inheritdoc />
    public IFault? FaultFor(StepAction action, string ns) => FaultKinds.FaultFor(action, new FaultContext(client, ns, _feed, _outage, _velero, _etcd));

    /// <inheritdoc />
    public IActivity? ActivityFor(StepAction action, string ns) =>
        ActivityKinds.ActivityFor(action, new ActivityContext(client, ns, isTwin, person ?? new Nobody(), _velero, _etcd)) ?? more?.Invoke(action);

    /// <inheritdoc />
    public IProbe ProbeFor(Probe probe, Scenario scenario) => probe.Target switch
    {
        ServiceProbe service => new ServiceQuestion(client, scenario.Spec.Cluster.Namespace, service),
        ApiProbe api => new ApiQuestion(client, api),
        ExecProbe exec => new ExecQuestion(client, scenario.Spec.Cluster.Namespace, exec),
        HttpProbe http => new HttpQuestion(http),
        TcpProbe tcp => new TcpQuestion(tcp),
        WorkloadProbe workload => new WorkloadQuestion(client, scenario.Spec.Cluster.Namespace, workload),
        PromqlProbe promql => new PromqlQuestion(PrometheusOf(scenario), promql),
        _ => throw new ArgumentOutOfRangeException(nameof(probe), probe.Target.GetType().Name),
    };

    /// <inheritdoc />
    public IMonitoring? MonitoringFor(Scenario scenario) =>
        scenario.Spec.Prometheus is null ? null : new PrometheusMonitoring(PrometheusOf(scenario), scenario, Clock);

    /// <inheritdoc />
    public ILedger LedgerFor(LedgerSpec ledger, string ns) => ledger.In switch
    {
        LedgerPlace.ConfigMap => new ConfigMapLedger(client, ns),
        LedgerPlace.Etcd => new EtcdLedger(EtcdPresets.Of(ledger, _etcd.Access), Clock),
        _ => throw new ArgumentOutOfRangeException(nameof(ledger), ledger.In, null),
    };

    /// <inheritdoc />
    public IWorkloadObserver Observe(string ns, IReadOnlyList<WorkloadReference> workloads) =>
        new WorkloadObserver(client, ns, workloads, _feed);

    /// <inheritdoc />
    public IClusterLock LockFor(string ns, string drillId) => new LeaseLock(client, ns, drillId, _outage);

    /// <inheritdoc />
    public Task<string> UndoAsync(UndoRecord undo, CancellationToken cancellationToken) =>
        ClusterFailure.Translate(() => undo.Kind switch
        {
            // These need what this process alone may have: the twin's members.
            StoppedMember.UndoKind => StoppedMember.PutBackAsync(undo, _etcd.Twin, client, cancellationToken),
            EtcdLoss.DataUndo or EtcdLoss.ApiUndo => EtcdLoss.GoAsync(undo, _etcd, client, cancellationToken),
            _ => UndoKinds.GoAsync(client, undo, cancellationToken),
        });

    /// <inheritdoc />
    public Task<IReadOnlyList<UndoRecord>> FindLeftoversAsync(CancellationToken cancellationToken) =>
        ClusterFailure.Translate(() => Leftovers.FindAsync(client, cancellationToken));

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _prometheus?.Dispose();
        return client.DisposeAsync();
    }

    /// <summary>The Prometheus of the one scenario that this cluster is opened for.</summary>
    private PrometheusApi PrometheusOf(Scenario scenario) => _prometheus ??= new PrometheusApi(
        IPrometheusDoor.Of(scenario.Spec.Prometheus!, Path.GetDirectoryName(scenario.Origin.File) ?? "", scenario.Spec.Cluster.Namespace, client), scenario.Spec.Prometheus!.Timeout, Clock);

    private async Task<AccessDecision> ReviewAsync(AccessNeed need, CancellationToken cancellationToken)
    {
        var slash = need.Resource.IndexOf('/');
        var review = await client.ReviewAccessAsync(
            new AccessAttributes
            {
                Verb = need.Verb,
                Group = need.Group,
                Resource = slash < 0 ? need.Resource : need.Resource[..slash],
                Subresource = slash < 0 ? null : need.Resource[(slash + 1)..],
                Namespace = need.Namespace,
                Name = need.Name,
            },
            cancellationToken);
        return new AccessDecision(need, review.Allowed, review.Reason);
    }
}
