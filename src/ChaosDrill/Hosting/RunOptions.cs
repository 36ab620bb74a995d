namespace ChaosDrill.Hosting;

/// <summary>What the command line says about a run.</summary>
internal sealed record RunOptions
{
    /// <summary>Path of the scenario file; null is the one that the plan names.</summary>
    public string? Scenario { get; init; }

    /// <summary>A saved plan that must still hold; null demands none.</summary>
    public string? Plan { get; init; }

    /// <summary>Context of the kubeconfig; null is the plan's, else the scenario's, else the twin.</summary>
    public string? Context { get; init; }

    /// <summary>The kubeconfig; null is where kubectl looks.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The seed; null is the plan's, else the scenario's, else a new one.</summary>
    public int? Seed { get; init; }

    /// <summary>Whether standard output is one JSON document.</summary>
    public bool Json { get; init; }

    /// <summary>The store; null is the usual one.</summary>
    public string? Store { get; init; }

    /// <summary>Folder of reports; null is <c>reports</c> in the current directory.</summary>
    public string? Reports { get; init; }

    /// <summary>Folder of templates; null is those that are shipped.</summary>
    public string? Templates { get; init; }

    /// <summary>The key that the report is sealed with; null is the one that the environment names, if any.</summary>
    public string? SignKey { get; init; }

    /// <summary>A playbook whose commands are tried in the drill; null is none.</summary>
    public string? Playbook { get; init; }

    /// <summary>Whether the twin runs as fast as it can compute.</summary>
    public bool VirtualTime { get; init; }
}
