using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Probes;

/// <summary>Asks a service through the API server's service proxy, so that it works from anywhere kubectl works.</summary>
public sealed record ServiceProbe : ProbeTarget
{
    /// <summary>Name of the service.</summary>
    public required string Name { get; init; }

    /// <summary>Port of the service, by number or name.</summary>
    [OrNumber]
    public required string Port { get; init; }

    /// <summary>Path to ask for. An answer from 200 to 399 is a success.</summary>
    public string Path { get; init; } = "/";

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (!Path.StartsWith('/'))
        {
            yield return new OptionProblem("path", "a path begins with /", "write path: /" + Path);
        }
    }

    /// <inheritdoc />
    public override bool AsksCluster => true;
}
