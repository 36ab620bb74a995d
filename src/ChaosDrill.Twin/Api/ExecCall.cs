using System.Net.WebSockets;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Containers;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>A command that a client wants to run in a container, over a connection that is still to be handed over.</summary>
/// <remarks>The first byte of each message names its channel: input 0, output 1, error 2, status 3; 255 closes one.</remarks>
internal sealed class ExecCall
{
    private static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    private readonly ControlPlane plane;
    private readonly ApiPath path;
    private readonly ApiRequest request;
    private readonly Watching connections;

    /// <param name="plane">The cluster.</param>
    /// <param name="path">The pod.</param>
    /// <param name="request">What to run there.</param>
    /// <param name="connections">What ends when the API server, through which all of it goes, is killed.</param>
    /// <exception cref="ApiException">No such pod or container, or nothing to run.</exception>
    public ExecCall(ControlPlane plane, ApiPath path, ApiRequest request, Watching connections)
    {
        (this.plane, this.path, this.request, this.connections) = (plane, path, request, connections);
        var pod = plane.Registry.Get(BuiltInTypes.Pods, path.Namespace!, path.Name!);
        if (request.All("command").Length == 0)
        {
            throw Failure.BadRequest("you must specify at least 1 container, command for the container");
        }

        if (pod.Spec?["nodeName"] is null)
        {
            throw Failure.BadRequest($"pod {pod.Name} does not have a host assigned");
        }

        try
        {
            PodTarget.Of(plane, path, request, "exec");
        }
        catch (ApiException unreachable) when (unreachable.Code == 500)
        {
            // The API server says yes first, and tells over the open connection that there is no way to the kubelet.
        }
    }

    /// <summary>The protocol that is spoken; null when the client offers none that is known.</summary>
    public static string? Choose(IEnumerable<string> offered) => offered.FirstOrDefault(o => Protocols.Contains(o));

    public static ApiException NotUpgraded(IReadOnlyCollection<string> offered) => Failure.BadRequest(offered.Count == 0 ? "Upgrade request required"
        : $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{string.Join(' ', Protocols)}]");

    /// <summary>Runs the command and talks with the client until both are done.</summary>
    public async Task ServeAsync(WebSocket socket, CancellationToken cancel)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var line = new FrameQueue(plane.Loop);
        plane.Loop.Run(() => connections.Keep(line));
        line.Ended += () => plane.Loop.Cancel(cut);
        var input = new FrameQueue(plane.Loop);
        var listening = ListenAsync(socket, input, cut.Token);
        try
        {
            var status = await RunAsync(socket, input, cut.Token);
            await SendAsync(socket, 3, StoredObject.Serialize(status), cut.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cut.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // Nobody is left to talk to.
            socket.Abort();
        }

        await listening;
    }

    private async Task<JsonObject> RunAsync(WebSocket socket, FrameQueue input, CancellationToken cut)
    {
        (Process? process, ApiException? refused) = plane.Loop.Run(() => Prepare(input));
        if (process is null)
        {
            return refused!.Status;
        }

        using var killed = new CancellationTokenSource();
        void Kill() => plane.Loop.Cancel(killed);

        // Programs write and go on; what they wrote is sent in order beside them.
        using var written = new FrameQueue(plane.Loop);
        process = process with
        {
            Output = content => Write(written, 1, content),
            Error = content => Write(written, request.Flag("tty") ? (byte)1 : (byte)2, content),
            Killed = killed.Token,
        };
        plane.Loop.Run(() =>
        {
            process.Container.RunEnded += Kill;
            if (!process.Container.IsRunning)
            {
                Kill();
            }
        });
        var sending = PumpAsync(socket, written, cut);
        var code = await Programs.RunAsync(process, request.All("command"));
        plane.Loop.Run(() => process.Container.RunEnded -= Kill);
        written.Dispose();
        await sending;
        return code == 0
            ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" }
            : new JsonObject
            {
                ["metadata"] = new JsonObject(),
                ["status"] = "Failure",
                ["message"] = $"command terminated with non-zero exit code: command terminated with exit code {code}",
                ["reason"] = "NonZeroExitCode",
                ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = $"{code}" }) },
            };
    }

    private (Process? Process, ApiException? Refused) Prepare(FrameQueue input)
    {
        try
        {
            var target = PodTarget.Of(plane, path, request, "exec");
            return target is { Worker: { } worker, Container: { IsRunning: true } container }
                ? (new Process(plane, target.Pod, worker, container, input, _ => { }, _ => { }, CancellationToken.None), null)
                : (null, Failure.Internal($"unable to upgrade connection: container not found (\"{target.ContainerName}\")"));
        }
        catch (ApiException refused)
        {
            return (null, refused);
        }
    }

    private void Write(FrameQueue written, byte channel, ReadOnlyMemory<byte> content)
    {
        if (content.Length > 0 && request.Flag(channel == 1 ? "stdout" : "stderr"))
        {
            written.Send((byte[])[channel, .. content.Span]);
        }
    }

    private static async Task PumpAsync(WebSocket socket, FrameQueue written, CancellationToken cut)
    {
        try
        {
            while (true)
            {
                if (written.TryRead(out var frame))
                {
                    await socket.SendAsync(frame, WebSocketMessageType.Binary, true, cut);
                }
                else if (!await written.WaitAsync(cut))
                {
                    return;
                }
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // The client is gone; the program goes on without it, as it would in a real container.
        }
    }

    private static Task SendAsync(WebSocket socket, byte channel, byte[] content, CancellationToken cut) =>
        socket.SendAsync((byte[])[channel, .. content], WebSocketMessageType.Binary, true, cut);

    /// <summary>Takes in the client's input until it closes it, or goes.</summary>
    private static async Task ListenAsync(WebSocket socket, FrameQueue input, CancellationToken cut)
    {
        var buffer = new byte[16 * 1024];
        var message = new MemoryStream();
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cut);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                message.Write(buffer, 0, received.Count);
                if (!received.EndOfMessage)
                {
                    continue;
                }

                var content = message.ToArray();
                message.SetLength(0);
                switch (content)
                {
                    case [0, _, ..]:
                        input.Send(content.AsMemory(1));
                        break;
                    case [255, 0]:
                        input.Dispose();
                        break;
                }
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // The client went without a word.
        }
        finally
        {
            input.Dispose();
            message.Dispose();
        }
    }
}
