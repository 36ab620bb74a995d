using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Etcd.Client;

/// <summary>etcd refused, or could not be reached.</summary>
/// <param name="message">Which endpoint, what was asked, what came back, how to mend it.</param>
/// <param name="code">The status of gRPC; null when there was no answer.</param>
/// <param name="inner">The cause.</param>
internal sealed class EtcdException(string message, int? code = null, Exception? inner = null) : ClusterException(message, inner)
{
    /// <summary>The code of a revision that is compacted, or yet to come.</summary>
    public const int OutOfRange = 11;

    /// <summary>Status of gRPC (https://grpc.io/docs/guides/status-codes); null when there was no answer.</summary>
    public int? Code => code;
}
