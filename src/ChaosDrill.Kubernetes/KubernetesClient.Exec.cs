using System.Net.WebSockets;

namespace ChaosDrill.Kubernetes;

public sealed partial class KubernetesClient
{
    /// <summary>Runs a command in a container and waits for its end. Never retried: a command may have run although no answer came.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod's name.</param>
    /// <param name="options">What to run, and for how long.</param>
    /// <param name="cancellationToken">Stops waiting; the command goes on.</param>
    /// <returns>Exit code and outputs, or that the time limit or a broken connection came first.</returns>
    /// <exception cref="ApiException">
    /// The command did not run: no such pod (404) or container (400), not allowed (403; since 1.35 it takes get and create of
    /// pods/exec), or the container does not run or has no such program (500 in most runtimes).
    /// </exception>
    /// <exception cref="ApiUnreachableException">The API server gave no answer.</exception>
    public async Task<ExecResult> ExecAsync(string ns, string pod, ExecOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TimeLimit.Ticks, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.OutputLimit, nameof(options));
        if (options.Command.Count == 0)
        {
            throw new ArgumentException("There is no command to run: name a program.", nameof(options));
        }

        var query = new ApiQuery();
        foreach (var word in options.Command)
        {
            query.AddEvenEmpty("command", word);
        }

        query.Add("container", options.Container).Add("stdin", options.Input is not null).Add("stdout", true).Add("stderr", true);
        var request = new ApiRequest(HttpMethod.Get, ApiPath.Object(Resources.Pods, ns, pod, "exec")) { Query = query.ToString(), Accept = "*/*" };
        var handshake = new WebSocketHandshake(options.Input is null ? $"{ExecProtocol.V5}, {ExecProtocol.V4}" : ExecProtocol.V5);
        using var limit = new CancellationTokenSource(options.TimeLimit, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var opened = await transport.UpgradeAsync(request, handshake, cancellationToken);

        // The framework's own keep-alive would run on the system's clock; the time limit bounds a connection that fell silent.
        using var socket = WebSocket.CreateFromStream(opened.Stream, new WebSocketCreationOptions { KeepAliveInterval = TimeSpan.Zero });
        return await new ExecSession(socket, request, options).RunAsync(either.Token, cancellationToken);
    }
}
