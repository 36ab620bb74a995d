using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Api.Access;
using ChaosDrill.Twin.Controllers;
using ChaosDrill.Twin.Serving;
using ChaosDrill.Twin.Storage;
using ChaosDrill.Twin.Velero;

namespace ChaosDrill.Twin;

/// <summary>An embedded Kubernetes cluster: an API server with controllers, a scheduler, kubelets and a service data plane.</summary>
/// <remarks>
/// Thread-safe under the system clock. Under a <see cref="VirtualClock"/> everything belongs on the clock's thread.
/// All that happens is timed by <see cref="TwinOptions.Clock"/> and drawn from <see cref="TwinOptions.Seed"/>.
/// </remarks>
public sealed class TwinCluster : IAsyncDisposable
{
    /// <summary>How often an API server without etcd looks for it.</summary>
    private static readonly TimeSpan EtcdRetry = TimeSpan.FromMilliseconds(500);

    private readonly ControlPlane plane;
    private readonly ApiServer api;
    private readonly Controller[] controllers;
    private readonly NodeLifecycleController nodeLifecycle;
    private readonly PodGarbageController podGarbage;
    private readonly LeaderLease[] leaderLeases;
    private readonly VeleroServer? velero;
    private readonly Queue<TwinChange> history = new();
    private readonly List<TwinServer> servers = [];
    private readonly List<Action> settleChecks = [];
    private bool started;
    private bool isWithoutEtcd;

    /// <summary>Prepares a cluster; nothing lives before <see cref="Start"/>.</summary>
    public TwinCluster(TwinOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.HistoryLimit, 1);
        Options = options;
        plane = new ControlPlane(options);
        api = new ApiServer(plane);
        nodeLifecycle = new NodeLifecycleController(plane);
        podGarbage = new PodGarbageController(plane);
        velero = options.Velero ? new VeleroServer(plane) : null;
        controllers =
        [
            new NamespaceController(plane), new DeploymentController(plane), new ReplicaSetController(plane), new Scheduler(plane),
            new EndpointSliceController(plane), new GarbageCollector(plane), new StatefulSetController(plane), new DaemonSetController(plane), new JobController(plane),
            nodeLifecycle, new TaintEvictionController(plane),
            new DisruptionController(plane), new QuotaController(plane), new VolumeController(plane), .. velero is null ? (Controller[])[] : [velero],
        ];
        leaderLeases =
        [
            new LeaderLease(plane, "kube-scheduler", () => Runs(scheduler: true)), new LeaderLease(plane, "kube-controller-manager", () => Runs(scheduler: false)),
        ];
        api.Levers = new Levers(new Dictionary<string, Component>
        {
            ["kube-apiserver"] = new(() => plane.Gate.IsUp, PauseApi, ResumeApi),
            ["kube-scheduler"] = new(() => Runs(scheduler: true), _ => StopScheduler(), StartScheduler),
            ["kube-controller-manager"] = new(() => Runs(scheduler: false), _ => StopControllerManager(), StartControllerManager),
        });
        plane.Store.Changed += Notice;

        plane.Store.BackingLost += LoseEtcd;
    }

    /// <summary>What it was made of.</summary>
    public TwinOptions Options { get; }

    /// <summary>By how much the status of deployments trails their pods; none at first.</summary>
    public TimeSpan DeploymentStatusLag
    {
        get => plane.Loop.Run(() => plane.DeploymentStatusLag);
        set => plane.Loop.Run(() => plane.DeploymentStatusLag = value);
    }

    /// <summary>The latest writes, oldest first, up to <see cref="TwinOptions.TruthLimit"/>.</summary>
    public IReadOnlyList<TwinChange> History => plane.Loop.Run<TwinChange[]>(() => [.. history]);

    internal ControlPlane Plane => plane;

    internal ApiServer Api => api;

    /// <summary>Brings up the system namespaces, the nodes and the <c>kubernetes</c> service.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start() => plane.Loop.Run(() =>
    {
        if (started)
        {
            throw new InvalidOperationException("The twin is already started.");
        }

        started = true;
        DefaultRoles.Create(plane);
        foreach (var ns in (string[])["default", "kube-node-lease", "kube-public", "kube-system"])
        {
            plane.Registry.Create(BuiltInTypes.Namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } });
        }

        foreach (var (name, value, description) in ((string, long, string)[])
            [
                ("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
                ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."),
            ])
        {
            plane.Registry.Create(BuiltInTypes.PriorityClasses, "", new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = name },
                ["value"] = value,
                ["description"] = description,
                ["preemptionPolicy"] = "PreemptLowerPriority",
            });
        }

        plane.Nodes.Start();
        nodeLifecycle.Start();
        podGarbage.Start();
        Array.ForEach(leaderLeases, l => l.Start());
        velero?.Start();
        plane.Registry.Create(BuiltInTypes.Services, "default", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "kubernetes", ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" } },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = "10.96.0.1",
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443L, ["protocol"] = "TCP", ["targetPort"] = 6443L }),
            },
        });
    });

    /// <summary>Creates or changes the objects of a manifest, as <c>kubectl apply</c> would.</summary>
    /// <param name="yaml">One or more YAML documents; a <c>List</c> is taken apart.</param>
    /// <exception cref="TwinManifestException">The manifest cannot be read or an object is refused; says which document and line.</exception>
    public void Apply(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        plane.Loop.Run(() => Manifest.Apply(plane, yaml));
    }

    /// <summary>A transport that reaches the API without a socket; any host name will do.</summary>
    /// <remarks>
    /// Use it with <see cref="HttpMessageInvoker"/> or <see cref="HttpClient"/>; the handler may be disposed freely.
    /// Requests are the administrator's, unless they carry the bearer token of a service account or Impersonate headers.
    /// </remarks>
    public HttpMessageHandler CreateHandler() => new TwinHandler(api, plane.Loop, TwinUser.Admin);

    /// <summary>The same, but requests are a user's, who may do what the roles of the cluster allow.</summary>
    /// <param name="user">The name; <c>system:serviceaccount:NAMESPACE:NAME</c> is a service account with its groups.</param>
    /// <param name="groups">Further groups; <c>system:authenticated</c> is added.</param>
    public HttpMessageHandler CreateHandler(string user, params string[] groups)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(groups);
        var own = TwinUser.AsServiceAccount(user) is var (ns, name) ? TwinUser.ServiceAccount(ns, name).Groups : ["system:authenticated"];
        return new TwinHandler(api, plane.Loop, new TwinUser(user, [.. groups.Concat(own).Distinct()]));
    }

    /// <summary>Serves the API over HTTPS on the loopback interface, HTTP/1.1 and HTTP/2.</summary>
    /// <param name="options">Port and the like; defaults when null.</param>
    /// <param name="cancel">Gives up starting.</param>
    /// <exception cref="InvalidOperationException">The cluster runs on a virtual clock: a socket cannot wait for it.</exception>
    public async Task<TwinServer> ServeAsync(TwinServerOptions? options = null, CancellationToken cancel = default)
    {
        if (Options.Clock is VirtualClock)
        {
            throw new InvalidOperationException("A twin on a virtual clock is reached through CreateHandler(); it cannot be served over a socket.");
        }

        var server = await TwinServer.StartAsync(this, options ?? new TwinServerOptions(), cancel);
        servers.Add(server);
        return server;
    }

    /// <summary>Completes when every deployment, stateful set and daemon set is fully rolled out and available.</summary>
    /// <param name="timeout">How long to wait, in the cluster's own time.</param>
    /// <exception cref="TimeoutException">Not in time; names what is missing.</exception>
    public Task WaitUntilSettledAsync(TimeSpan timeout)
    {
        // Under a virtual clock the continuation is posted to it anyway; a detour over the thread pool would let time run ahead.
        var settled = new TaskCompletionSource(
            SynchronizationContext.Current is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);
        plane.Loop.Run(() =>
        {
            IDisposable? limit = null;
            limit = plane.Loop.After(timeout, Expire);
            settleChecks.Add(Check);
            Check();

            void Expire()
            {
                settleChecks.Remove(Check);
                settled.TrySetException(new TimeoutException($"Not settled after {timeout}: {string.Join("; ", Settlement.Missing(plane))}"));
            }

            void Check()
            {
                if (!settled.Task.IsCompleted && !Settlement.Missing(plane).Any())
                {
                    limit?.Dispose();
                    settled.TrySetResult();
                    settleChecks.Remove(Check);
                }
            }
        });
        return settled.Task;
    }

    /// <summary>Ends every open watch, as a restarting proxy would.</summary>
    public void CutWatches() => plane.Loop.Run(api.Watching.EndAll);

    /// <summary>Forgets all past changes: a watch that resumes from an earlier version gets 410.</summary>
    public void ForgetHistory() => plane.Loop.Run(plane.Store.Compact);

    /// <summary>Takes the API server away until <see cref="ResumeApi"/>; controllers and kubelets are cut off from it too.</summary>
    /// <param name="outage">What clients see meanwhile.</param>
    public void PauseApi(ApiOutage outage = ApiOutage.Hang) => plane.Loop.Run(() =>
    {
        isWithoutEtcd = false;
        api.Pause(outage);
    });

    /// <summary>Brings the API server back. One that keeps its objects in etcd takes over what is there now.</summary>
    /// <exception cref="InvalidOperationException">Its etcd does not answer; it stays away.</exception>
    public void ResumeApi() => plane.Loop.Run(() =>
    {
        if (plane.Store.Backing is not null)
        {
            Restart();
        }
        else
        {
            api.Resume();
        }
    });

    /// <summary>Stops the kubelet of a node: containers go on, nothing is reported or ended any more. The cluster notices when its lease runs out.</summary>
    /// <exception cref="ArgumentException">No such node.</exception>
    public void StopKubelet(string node) => plane.Loop.Run(() => plane.Nodes[node].Stop());

    /// <summary>Starts the kubelet of a node again: it reports the node and its pods, and what waited for it is done.</summary>
    /// <exception cref="ArgumentException">No such node.</exception>
    public void StartKubelet(string node) => plane.Loop.Run(() => plane.Nodes.Restart(node));

    /// <summary>Stops the scheduler: new pods stay where nobody put them, until <see cref="StartScheduler"/>.</summary>
    public void StopScheduler() => plane.Loop.Run(() => Array.ForEach(controllers, c => Halt(c, c is Scheduler)));

    /// <summary>Starts the scheduler again; pods that waited are placed.</summary>
    public void StartScheduler() => plane.Loop.Run(() => Array.ForEach(controllers, c => Resume(c, c is Scheduler)));

    /// <summary>Stops the Velero server: nothing that is asked of it is answered or goes on, until <see cref="StartVelero"/>.</summary>
    public void StopVelero() => plane.Loop.Run(() => velero?.Halt());

    /// <summary>Starts the Velero server again; it goes on with what it was doing.</summary>
    public void StartVelero() => plane.Loop.Run(() => velero?.Resume());

    /// <summary>Stops the controller manager: no pod is replaced, no endpoint, budget or node is looked after, until <see cref="StartControllerManager"/>.</summary>
    public void StopControllerManager() => plane.Loop.Run(() =>
    {
        podGarbage.IsHalted = true;
        Array.ForEach(controllers, c => Halt(c, c is not (Scheduler or VeleroServer)));
    });

    /// <summary>Starts the controller manager again; what it missed is made up for.</summary>
    public void StartControllerManager() => plane.Loop.Run(() =>
    {
        podGarbage.IsHalted = false;
        Array.ForEach(controllers, c => Resume(c, c is not (Scheduler or VeleroServer)));
    });

    /// <summary>Ends all watches and servers; nothing moves any more.</summary>
    public async ValueTask DisposeAsync()
    {
        plane.Loop.Run(api.Resume);
        plane.Loop.Run(api.Watching.EndAll);
        plane.Loop.Stop();
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        plane.Store.Backing?.Dispose();
    }

    /// <summary>Tells every namespace whom to trust.</summary>
    internal void PublishAuthority(string pem) => plane.Loop.Run(() =>
    {
        plane.AuthorityPem = pem;
        foreach (var map in plane.Store.List(BuiltInTypes.ConfigMaps).Where(m => m.Name == "kube-root-ca.crt").ToList())
        {
            plane.Registry.Change(map, json => json["data"] = new JsonObject { ["ca.crt"] = pem });
        }
    });

    /// <summary>Without etcd writes hang, and a server that cannot write is not up. It is again as soon as etcd is.</summary>
    private void LoseEtcd()
    {
        if (plane.Gate.IsUp)
        {
            isWithoutEtcd = true;
            api.Pause(ApiOutage.Hang);
            plane.Loop.After(EtcdRetry, FindEtcd);
        }
    }

    private void FindEtcd()
    {
        if (!isWithoutEtcd)
        {
            return;
        }

        try
        {
            Restart();
            isWithoutEtcd = false;
        }
        catch (EtcdLostException)
        {
            plane.Loop.After(EtcdRetry, FindEtcd);
        }
    }

    /// <summary>Starts anew from etcd; controllers begin again as well, for what they were at when it was lost is lost.</summary>
    private void Restart()
    {
        if (plane.Gate.IsUp)
        {
            return;
        }

        var running = controllers.Where(c => !c.IsHalted).ToArray();
        Array.ForEach(running, c => c.Halt());
        try
        {
            plane.Store.Reload();
            api.Watching.EndAll();
            api.Resume();
        }
        finally
        {
            Array.ForEach(running, c => c.Resume());
        }
    }

    private bool Runs(bool scheduler) => !Array.Find(controllers, c => c is Scheduler == scheduler)!.IsHalted;

    /// <summary>Says where the cluster is served, for addresses that are followed without its credentials.</summary>
    internal void PublishAddress(Uri address) => plane.Loop.Run(() =>
    {
        plane.Storage.Address = address;
        velero?.TrustAuthority(plane.AuthorityPem);
    });

    private static void Halt(Controller controller, bool meant)
    {
        if (meant)
        {
            controller.Halt();
        }
    }

    private static void Resume(Controller controller, bool meant)
    {
        if (meant)
        {
            controller.Resume();
        }
    }

    private void Notice(StoreChange change)
    {
        if (Options.TruthLimit > 0)
        {
            Remember(change);
        }

        foreach (var controller in controllers)
        {
            controller.Notice(change);
        }

        podGarbage.Notice(change);
        plane.Nodes.Notice(change);
        if (settleChecks.Count > 0 && (change.Object.Type == BuiltInTypes.Deployments || change.Object.Type == BuiltInTypes.StatefulSets || change.Object.Type == BuiltInTypes.DaemonSets || change.Object.Type == velero?.Types.Backups))
        {
            foreach (var check in settleChecks.ToArray())
            {
                plane.Loop.Post(check);
            }
        }
    }

    private void Remember(StoreChange change)
    {
        var stored = change.Object;
        history.Enqueue(new TwinChange(
            change.Version, Options.Clock.GetTimestamp(), change.Kind switch { ChangeKind.Added => "ADDED", ChangeKind.Modified => "MODIFIED", _ => "DELETED" },
            stored.Type.QualifiedPlural, stored.Namespace, stored.Name, stored.Uid, stored.Type == BuiltInTypes.Pods ? PodConditions.IsReady(stored) : null));
        if (history.Count > Options.TruthLimit)
        {
            history.Dequeue();
        }
    }
}
