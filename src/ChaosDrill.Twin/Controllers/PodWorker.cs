using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The life of one pod on its node: created, running, ready, ended, gone; timed by the pod's annotations.</summary>
internal sealed class PodWorker : IDisposable
{
    private const string Component = "kubelet";

    private readonly ControlPlane plane;
    private readonly Kubelet kubelet;
    private readonly ObjectKey key;
    private readonly string uid;
    private readonly PodBehaviour behaviour;
    private readonly List<IDisposable> timers = [];
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
        if (pod.IsDeleting)
        {
            return;
        }

        var first = behaviour.StartDelay < plane.Options.ControlPlaneDelay ? behaviour.StartDelay : plane.Options.ControlPlaneDelay;
        After(first, Accept);
        After(behaviour.StartDelay, Start);
    }

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
        CancelTimers();
        var limit = TimeSpan.FromSeconds(grace);
        var killed = started && behaviour.TerminationDelay >= limit;
        After(!started ? plane.Options.ControlPlaneDelay : killed ? limit : behaviour.TerminationDelay, p => End(p, killed));
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
        CancelTimers();
        if (address is not null)
        {
            kubelet.ReturnAddress(address);
        }
    }

    /// <summary>The kubelet has seen the pod: containers are being created.</summary>
    private void Accept(StoredObject pod) => plane.Registry.Change(pod, json =>
    {
        var status = json.Child("status");
        status["observedGeneration"] = json.Meta().Int("generation") ?? 1;
        status["phase"] = "Pending";
        PodConditions.Set(json, "PodReadyToStartContainers", "False", plane.NowText);
        PodConditions.Set(json, "Initialized", "True", plane.NowText);
        SetReady(json, false);
        PodConditions.Set(json, "PodScheduled", "True", plane.NowText);
        status["hostIP"] = kubelet.HostAddress;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = kubelet.HostAddress });
        status["startTime"] = plane.NowText;
        status["containerStatuses"] = ContainerStates.All(json, uid, c => ContainerStates.Waiting("ContainerCreating"), ready: false);
    });

    private void Start(StoredObject pod)
    {
        images = ImagesOf(pod);
        var containers = pod.Spec.Arr("containers").Objects().Select(c => (Name: c.Str("name")!, Image: c.Str("image") ?? "")).ToList();
        var broken = containers.FindIndex(c => !ImageReference.CanBePulled(c.Image));
        if (broken >= 0)
        {
            FailImage(pod, containers[broken].Name, containers[broken].Image, attempt: 0);
            return;
        }

        started = true;
        foreach (var (name, image) in containers)
        {
            var path = $"spec.containers{{{name}}}";
            Record(pod, "Normal", "Pulled", $"Container image \"{image}\" already present on machine", path);
            Record(pod, "Normal", "Created", $"Container created: {name}", path);
            Record(pod, "Normal", "Started", $"Container started: {name}", path);
        }

        address ??= kubelet.TakeAddress();
        plane.Registry.Change(pod, json =>
        {
            var status = json.Child("status");
            status["phase"] = "Running";
            PodConditions.Set(json, "PodReadyToStartContainers", "True", plane.NowText);
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
            status["containerStatuses"] = ContainerStates.All(json, uid, c => ContainerStates.Running(plane.NowText), ready: false);
        });
        if (!behaviour.NeverReady)
        {
            After(behaviour.ReadyDelay, BecomeReady);
        }

        if (behaviour.RunFor is { } lasting && pod.Spec.Str("restartPolicy") != "Always")
        {
            After(lasting, p =>
            {
                CancelTimers();
                Finish(p, behaviour.ExitCode);
            });
        }
    }

    /// <summary>Somebody gave the running pod other images: its containers are ended and started anew from those.</summary>
    private void ChangeImages(StoredObject pod)
    {
        images = ImagesOf(pod);
        CancelTimers();
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
                MarkReady(q, false);
                Start(plane.Store.Find(key)!);
            });
        });
    }

    private static string ImagesOf(StoredObject pod) => string.Join(' ', pod.Spec.Arr("containers").Objects().Select(c => c.Str("image")));

    private void BecomeReady(StoredObject pod)
    {
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
        ready = now;
        plane.Registry.Change(pod, json =>
        {
            SetReady(json, now);
            foreach (var container in json.Child("status").Arr("containerStatuses").Objects())
            {
                container["ready"] = now;
            }
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
        json.Child("status")["containerStatuses"] = ContainerStates.All(json, uid,
            c => ContainerStates.Waiting(ImageReference.CanBePulled(c.Str("image") ?? "") ? "ContainerCreating" : reason, message), ready: false);
    });

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
        plane.Registry.Change(pod, json =>
        {
            var status = json.Child("status");
            status["observedGeneration"] = json.Meta().Int("generation") ?? 1;
            status["phase"] = failed ? "Failed" : "Succeeded";
            var reason = failed ? "PodFailed" : "PodCompleted";
            PodConditions.Set(json, "PodReadyToStartContainers", "False", plane.NowText);
            PodConditions.Set(json, "Ready", "False", plane.NowText, reason);
            PodConditions.Set(json, "ContainersReady", "False", plane.NowText, reason);
            status["containerStatuses"] = ContainerStates.All(json, uid, _ => ContainerStates.Terminated(status, exitCode, plane.NowText), ready: false);
        });
    }

    private void SetReady(JsonObject json, bool ready)
    {
        var status = ready ? "True" : "False";
        var reason = ready ? null : "ContainersNotReady";
        var message = ready ? null : $"containers with unready status: [{string.Join(' ', json.Obj("spec").Arr("containers").Objects().Select(c => c.Str("name")))}]";
        PodConditions.Set(json, "Ready", status, plane.NowText, reason, message);
        PodConditions.Set(json, "ContainersReady", status, plane.NowText, reason, message);
    }

    private void Record(StoredObject pod, string type, string reason, string message, string path)
    {
        // A kubelet stops talking about a pod that is on its way out.
        if (!pod.IsDeleting)
        {
            plane.Events.Record(pod, type, reason, message, Component, kubelet.Node, fieldPath: path);
        }
    }

    private void After(TimeSpan delay, Action<StoredObject> action) => timers.Add(plane.Loop.After(delay, () => kubelet.WhenAble(() =>
    {
        if (plane.Store.Find(key) is { } pod && pod.Uid == uid && (pod.IsDeleting == terminating is not null))
        {
            action(pod);
        }
    })));

    private void CancelTimers()
    {
        timers.ForEach(t => t.Dispose());
        timers.Clear();
    }
}
