namespace ChaosDrill.Worker;

/// <summary>What the command line says about a worker.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Folders of scenario files.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Context of the kubeconfig for all scenarios; null is each scenario's own, else the twin.</summary>
    public string? Context { get; init; }

    /// <summary>The kubeconfig; null is where kubectl looks.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The store; null is the usual one.</summary>
    public string? Store { get; init; }

    /// <summary>The set of workers that it belongs to: those of one store that have the same folders.</summary>
    public string WorkerSet { get; init; } = ChaosDrill.Store.Firing.UsualSet;

    /// <summary>Folder of reports; null is <c>reports</c> in the current directory.</summary>
    public string? Reports { get; init; }

    /// <summary>Folder of templates; null is those that are shipped.</summary>
    public string? Templates { get; init; }

    /// <summary>The key that reports are sealed with; null is the one that the environment names, if any.</summary>
    public string? SignKey { get; init; }

    /// <summary>Whether twins run as fast as they can compute.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>How long drills have, from the first SIGTERM, to finish or to be undone.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many drills run at once; more wait.</summary>
    public int AtOnce { get; init; } = 16;

    /// <summary>Where it listens, and who may ask.</summary>
    public required Web.WebOptions Web { get; init; }

    /// <summary>File that names whom to tell; null is nobody.</summary>
    public string? Webhooks { get; init; }

    /// <summary>Whether log lines are JSON.</summary>
    public bool Json { get; init; }
}
