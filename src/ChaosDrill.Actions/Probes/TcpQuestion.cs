using System.Net.Sockets;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Probes;

/// <summary>Opens a connection and closes it again.</summary>
internal sealed class TcpQuestion(TcpProbe target) : IProbe
{
    public string Summary => $"connect to {target.Host}:{target.Port}";

    public IReadOnlyList<AccessNeed> Needs => [];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(target.Host, target.Port, cancellationToken);
            return new ProbeReply(SampleOutcome.Success, null);
        }
        catch (SocketException e)
        {
            return new ProbeReply(SampleOutcome.Failure, e.Message);
        }
    }
}
