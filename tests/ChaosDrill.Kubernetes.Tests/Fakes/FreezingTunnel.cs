using System.Net;
using System.Net.Sockets;

namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>Carries bytes to a server until it is frozen: then connections stay open and nothing moves, as with a stopped process.</summary>
internal sealed class FreezingTunnel : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly List<TcpClient> sockets = [];
    private readonly int target;
    private volatile CancellationTokenSource flow = new();

    public FreezingTunnel(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Freezes the connections there are; new ones work.</summary>
    public void Freeze()
    {
        var before = flow;
        flow = new CancellationTokenSource();
        before.Cancel();
    }

    public ValueTask DisposeAsync()
    {
        stop.Cancel();
        listener.Dispose();
        lock (sockets)
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        stop.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync(stop.Token);
                var far = new TcpClient();
                lock (sockets)
                {
                    sockets.AddRange([near, far]);
                }

                await far.ConnectAsync(IPAddress.Loopback, target);
                _ = CopyAsync(near.GetStream(), far.GetStream());
                _ = CopyAsync(far.GetStream(), near.GetStream());
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        var flowing = flow.Token;
        try
        {
            while (await from.ReadAsync(buffer, stop.Token) is var read and > 0)
            {
                if (flowing.IsCancellationRequested)
                {
                    return;
                }

                await to.WriteAsync(buffer.AsMemory(0, read), stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The connection, or the test, is over.
        }
    }
}
