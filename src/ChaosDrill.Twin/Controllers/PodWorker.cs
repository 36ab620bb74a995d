using System.Text.Json.Nodes;
using ChaosDrill.Twin.Containers;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The life of one pod on its node: created, running, ready, restarted, ended, gone; timed by the pod's annotations.</summary>
internal sealed class PodWorker : IDisposable
{
    private const string Component = "kubelet";

    private readonly ControlPlane plane;
    private readonly Kubelet kubelet;
    private readonly ObjectKey key;
    private readonly string uid;
    private readonly PodBehaviour behaviour;
    private readonly Container[] containers;
    private readonly Dictionary<Container, RestartBackOff> backOffs = [];
    private readonly PodTimers timers;
    private string? address;
    private string? images;
    private long? terminating;
    private bool started;
    private bool ready;

    public PodWorker(ControlPlane plane, Kubelet kubelet, StoredObject pod)
    {
        this.plane = plane;
        this.kubelet = kubelet;
        key = pod.Key;
        uid = pod.Uid;
        behaviour = PodBehaviour.Of(pod, plane.Options);
        containers = [.. pod.Spec.Arr("containers").Objects().Select(c => new Container(c.Str("name")!, uid))];
        timers = new PodTimers(plane, kubelet, () => plane.Store.Find(key) is { } now && now.Uid == uid && (now.IsDeleting == terminating is not null) ? now : null);
        if (pod.IsDeleting)
        {
            return;
        }

        var first = behaviour.StartDelay < plane.Options.ControlPlaneDelay ? behaviour.StartDelay : plane.Options.ControlPlaneDelay;
        After(first, Accept);
        After(behaviour.StartDelay, Start);
    }

    public Container? Find(string container) => Array.Find(containers, c => c.Name == container);

    public void Notice(StoredObject pod)
    {
        if (!pod.IsDeleting)
        {
            if (images is not null && ImagesOf(pod) != images && pod.Status.Str("phase") is ("Pending" or "Running"))
            {
                ChangeImages(pod);
            }

            return;
        }

        var grace = pod.Metadata.Int("deletionGracePeriodSeconds") ?? 0;
        if (terminating is { } earlier && earlier <= grace)
        {
            return;
        }

        terminating = grace;
        timers.Cancel();
        var limit = TimeSpan.FromSeconds(grace);
        var killed = started && behaviour.TerminationDelay >= limit;
        Log("got SIGTERM");
        After(!started ? plane.Options.ControlPlaneDelay : killed ? limit : behaviour.TerminationDelay, p => End(p, killed));
    }

    /// <summary>Sends a signal to a container's own process, which takes as long to end as the pod would.</summary>
    public void Signal(Container container, string name, int number)
    {
        if (terminating is null && container.IsRunning)
        {
            Write(container, $"got {name}");
            var run = container.Restarts;
            After(behaviour.TerminationDelay, p =>
            {
                if (container.Restarts == run)
                {
                    EndContainer(p, container, 128 + number);
                }
            });
        }
    }

    /// <summary>Says again that the pod is ready: while the kubelet was away, the cluster had given it up.</summary>
    public void Report()
    {
        if (ready && plane.Store.Find(key) is { IsDeleting: false } pod && pod.Uid == uid && pod.Status.Str("phase") == "Running")
        {
            MarkReady(pod, true);
        }
    }

    public void Dispose()
    {
        timers.Cancel();
        Array.ForEach(containers, c => Stop(c, 137, null));
        if (address is not null)
        {
            kubelet.ReturnAddress(address);
        }
    }

    /// <summary>The kubelet has seen the pod: containers are being created.</summary>
    private void Accept(StoredObject pod) => plane.Registry.Change(pod, json => PodReport.Accepted(json, containers, kubelet.HostAddress, plane.NowText));

    private void Start(StoredObject pod)
    {
        images = ImagesOf(pod);
        if (Array.Find(containers, c => !ImageReference.CanBePulled(Image(pod, c))) is { } broken)
        {
            FailImage(pod, broken.Name, Image(pod, broken), attempt: 0);
            return;
        }

        started = true;
        Array.ForEach(containers, c => Run(pod, c));
        var own = address ??= kubelet.TakeAddress();
        plane.Registry.Change(pod, json => PodReport.Running(json, containers, own, plane.NowText));
        if (!behaviour.NeverReady)
        {
            After(behaviour.ReadyDelay, BecomeReady);
        }

        Array.ForEach(containers, c => LimitRun(pod, c));
    }

    /// <summary>Starts a container; its status is for the caller to write.</summary>
    private void Run(StoredObject pod, Container container)
    {
        var path = $"spec.containers{{{container.Name}}}";
        Record(pod, "Normal", "Pulled", $"Container image \"{Image(pod, container)}\" already present on machine", path);
        Record(pod, "Normal", "Created", $"Container created: {container.Name}", path);
        Record(pod, "Normal", "Started", $"Container started: {container.Name}", path);
        container.Start(plane.NowText);
        Write(container, $"started on {kubelet.Node} as {pod.Name}");
    }

    /// <summary>Lets a container end by itself when its time has come, or at once when its command does nothing else; a service's pod without a limit runs for ever.</summary>
    private void LimitRun(StoredObject pod, Container container)
    {
        var command = pod.Spec.Arr("containers").Objects().First(c => c.Str("name") == container.Name).Arr("command").Strings().ToList();
        (TimeSpan Lasting, int Code)? end = behaviour.RunFor is { } lasting ? (lasting, behaviour.ExitCode)
            : command is ["false" or "/bin/false"] ? (plane.Options.ControlPlaneDelay, 1)
            : command is ["true" or "/bin/true"] ? (plane.Options.ControlPlaneDelay, 0)
            : null;
        if (end is { } known)
        {
            After(known.Lasting, p => EndContainer(p, container, known.Code));
        }
    }

    /// <summary>Somebody gave the running pod other images: its containers are ended and started anew from those.</summary>
    private void ChangeImages(StoredObject pod)
    {
        images = ImagesOf(pod);
        timers.Cancel();
        After(plane.Options.ControlPlaneDelay, p =>
        {
            if (!started)
            {
                Start(p);
                return;
            }

            started = false;
            foreach (var container in p.Spec.Arr("containers").Objects())
            {
                Record(p, "Normal", "Killing", $"Container {container.Str("name")} definition changed, will be restarted", $"spec.containers{{{container.Str("name")}}}");
            }

            After(behaviour.TerminationDelay, q =>
            {
                Array.ForEach(containers, c => Stop(c, 0, q));
                UpdateReady(q);
                Start(plane.Store.Find(key)!);
            });
        });
    }

    private static string ImagesOf(StoredObject pod) => string.Join(' ', pod.Spec.Arr("containers").Objects().Select(c => c.Str("image")));

    private void BecomeReady(StoredObject pod)
    {
        foreach (var container in containers.Where(c => c.IsRunning && !c.Ready))
        {
            container.Ready = true;
            Write(container, "ready to serve");
        }

        MarkReady(pod, true);
        if (behaviour.Flap is { } flap)
        {
            After(flap.After, p =>
            {
                MarkReady(p, false);
                After(flap.For, q => MarkReady(q, true));
            });
        }
    }

    private void MarkReady(StoredObject pod, bool now)
    {
        foreach (var container in containers)
        {
            container.Ready = now && container.IsRunning;
        }

        UpdateReady(pod);
    }

    private void UpdateReady(StoredObject pod)
    {
        ready = containers.All(c => c.Ready);
        plane.Registry.Change(pod, json =>
        {
            PodReport.Ready(json, containers, ready, plane.NowText);
            PodReport.Describe(json, containers);
        });
    }

    /// <summary>An image that cannot be had: tried again and again, each time after a longer pause, as the kubelet does.</summary>
    private void FailImage(StoredObject pod, string container, string image, int attempt)
    {
        var path = $"spec.containers{{{container}}}";
        var message = $"failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found";
        Record(pod, "Normal", "Pulling", $"Pulling image \"{image}\"", path);
        Record(pod, "Warning", "Failed", $"Failed to pull image \"{image}\": {message}", path);
        Record(pod, "Warning", "Failed", "Error: ErrImagePull", path);
        SetWaiting(pod, "ErrImagePull", message);
        After(TimeSpan.FromSeconds(1), p =>
        {
            Record(p, "Normal", "BackOff", $"Back-off pulling image \"{image}\"", path);
            Record(p, "Warning", "Failed", "Error: ImagePullBackOff", path);
            SetWaiting(p, "ImagePullBackOff", $"Back-off pulling image \"{image}\": ErrImagePull: {message}");
        });
        After(TimeSpan.FromSeconds(Math.Min(300, 10 << Math.Min(attempt, 5))), p =>
        {
            if (p.Spec.Arr("containers").Objects().All(c => ImageReference.CanBePulled(c.Str("image") ?? "")))
            {
                Start(p);
            }
            else
            {
                FailImage(p, container, image, attempt + 1);
            }
        });
    }

    private void SetWaiting(StoredObject pod, string reason, string message) => plane.Registry.Change(pod, json =>
    {
        PodConditions.Set(json, "PodReadyToStartContainers", "True", plane.NowText);
        foreach (var container in containers)
        {
            container.Wait(ImageReference.CanBePulled(Image(pod, container)) ? "ContainerCreating" : reason, message);
        }

        PodReport.Describe(json, containers);
    });

    /// <summary>One container has ended while the pod lives: started again, or the pod has finished.</summary>
    private void EndContainer(StoredObject pod, Container container, int exitCode)
    {
        if (!container.IsRunning)
        {
            return;
        }

        Stop(container, exitCode, pod);
        if (pod.Spec.Str("restartPolicy") is "Never" || (pod.Spec.Str("restartPolicy") == "OnFailure" && exitCode == 0))
        {
            if (Array.TrueForAll(containers, c => c.ExitCode is not null && !c.IsRunning))
            {
                timers.Cancel();
                Finish(pod, containers.Max(c => c.ExitCode!.Value));
                return;
            }

            UpdateReady(pod);
            return;
        }

        UpdateReady(pod);
        if (!backOffs.TryGetValue(container, out var backOff))
        {
            backOffs[container] = backOff = new RestartBackOff();
        }

        if (backOff.Next(plane.Now) is not { } pause)
        {
            After(behaviour.StartDelay, p => Restart(p, container));
            return;
        }

        After(plane.Options.ControlPlaneDelay, p =>
        {
            var failed = $"restarting failed container={container.Name} pod={p.Name}_{p.Namespace}({uid})";
            container.Wait("CrashLoopBackOff", $"back-off {GoDuration.Format(pause)} {failed}");
            Record(p, "Warning", "BackOff", $"Back-off restarting failed container {container.Name} in pod {p.Name}_{p.Namespace}({uid})", $"spec.containers{{{container.Name}}}");
            UpdateReady(p);
        });
        After(pause, p => Restart(p, container));
    }

    private void Restart(StoredObject pod, Container container)
    {
        Run(pod, container);
        UpdateReady(pod);
        LimitRun(pod, container);
        if (!behaviour.NeverReady)
        {
            var run = container.Restarts;
            After(behaviour.ReadyDelay, p =>
            {
                if (container.IsRunning && container.Restarts == run)
                {
                    container.Ready = true;
                    Write(container, "ready to serve");
                    UpdateReady(p);
                }
            });
        }
    }

    /// <summary>The containers have ended; a moment later the pod may go.</summary>
    private void End(StoredObject pod, bool killed)
    {
        Finish(pod, killed ? 137 : 0);
        After(plane.Options.ControlPlaneDelay, p => plane.Registry.Delete(p, new JsonObject
        {
            ["gracePeriodSeconds"] = 0L,
            ["preconditions"] = new JsonObject { ["uid"] = uid },
        }));
    }

    private void Finish(StoredObject pod, int exitCode)
    {
        var failed = exitCode != 0;
        Array.ForEach(containers, c => Stop(c, exitCode, pod));
        plane.Registry.Change(pod, json => PodReport.Finished(json, containers, failed, plane.NowText));
    }

    /// <summary>Ends a container's run, unless it has ended already.</summary>
    private void Stop(Container container, int exitCode, StoredObject? pod)
    {
        if (container.ExitCode is not null)
        {
            return;
        }

        if (container.IsRunning)
        {
            Write(container, $"ended with exit code {exitCode}");
        }

        container.End(exitCode, plane.NowText, pod?.Status.Str("startTime"));
    }

    private static string Image(StoredObject pod, Container container) =>
        pod.Spec.Arr("containers").Objects().FirstOrDefault(c => c.Str("name") == container.Name).Str("image") ?? "";

    private void Log(string text) => Array.ForEach(containers, c => Write(c, text));

    private void Write(Container container, string text)
    {
        if (container.IsRunning)
        {
            container.Log.Write(plane.Now, $"{container.Name} {text}");
        }
    }

    private void Record(StoredObject pod, string type, string reason, string message, string path)
    {
        // A kubelet stops talking about a pod that is on its way out.
        if (!pod.IsDeleting)
        {
            plane.Events.Record(pod, type, reason, message, Component, kubelet.Node, fieldPath: path);
        }
    }

    private void After(TimeSpan delay, Action<StoredObject> action) => timers.After(delay, action);
}
