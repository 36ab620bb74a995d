using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The agent of one node: runs a worker for each pod that is bound here.</summary>
internal sealed class Kubelet(ControlPlane plane, string node, int number)
{
    private readonly Dictionary<string, PodWorker> workers = new(StringComparer.Ordinal);
    private readonly HashSet<int> addresses = [];
    private readonly List<Action> deferred = [];
    private int lastAddress = 1;

    public string Node => node;

    public string HostAddress => NodePool.Address(number);

    public bool IsRunning { get; private set; } = true;

    public void Notice(StoreChange change)
    {
        var pod = change.Object;
        if (change.Kind == ChangeKind.Deleted)
        {
            if (workers.Remove(pod.Uid, out var gone))
            {
                gone.Dispose();
            }

            return;
        }

        if (!workers.TryGetValue(pod.Uid, out var worker))
        {
            if (pod.IsDeleting && pod.Metadata["deletionGracePeriodSeconds"]?.ToString() == "0")
            {
                return;
            }

            workers[pod.Uid] = worker = new PodWorker(plane, this, pod);
        }

        worker.Notice(pod);
    }

    /// <summary>The worker of a pod that is here; null for any other.</summary>
    public PodWorker? Find(string uid) => workers.GetValueOrDefault(uid);

    /// <summary>Stops the kubelet: its containers go on, nothing is reported or ended, the lease runs out.</summary>
    public void Stop() => IsRunning = false;

    public void Start()
    {
        IsRunning = true;
        Action[] actions = [.. workers.Values.Select(w => (Action)w.Report), .. deferred];
        deferred.Clear();
        foreach (var action in actions)
        {
            plane.Loop.Post(() => WhenAble(action));
        }
    }

    /// <summary>Runs now, or when both this kubelet and the API server are there.</summary>
    public void WhenAble(Action action)
    {
        if (IsRunning)
        {
            plane.Gate.WhenUp(action);
        }
        else
        {
            deferred.Add(action);
        }
    }

    public string TakeAddress()
    {
        do
        {
            lastAddress = lastAddress >= 254 ? 2 : lastAddress + 1;
        }
        while (!addresses.Add(lastAddress) && addresses.Count < 253);
        return $"{NodePool.Network(number)}.{lastAddress}";
    }

    public void ReturnAddress(string address) => addresses.Remove(int.Parse(address[(address.LastIndexOf('.') + 1)..]));
}
