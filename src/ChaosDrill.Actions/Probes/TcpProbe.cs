using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Probes;

/// <summary>Opens a TCP connection from where the drill runs. A connection that is accepted is a success.</summary>
public sealed record TcpProbe : ProbeTarget
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (Port is < 1 or > 65535)
        {
            yield return new OptionProblem("port", "a port lies between 1 and 65535", "write port: 443");
        }
    }
}
