namespace ChaosDrill.Twin;

/// <summary>Annotations that say how the simulated machines and containers behave. Durations are written as in Go: <c>1m30s</c>, <c>250ms</c>.</summary>
public static class TwinAnnotations
{
    /// <summary>Scheduled until the containers run.</summary>
    public const string StartDelay = "twin.chaosdrill.dev/start-delay";

    /// <summary>Containers run until the pod is Ready.</summary>
    public const string ReadyDelay = "twin.chaosdrill.dev/ready-delay";

    /// <summary>SIGTERM until the containers have ended; the grace period cuts it short.</summary>
    public const string TerminationDelay = "twin.chaosdrill.dev/termination-delay";

    /// <summary><c>"true"</c>: containers run, the pod is never Ready.</summary>
    public const string NeverReady = "twin.chaosdrill.dev/never-ready";

    /// <summary><c>"after=2s,for=1s"</c>: once, that long after it first was Ready, the pod is not Ready for that long.</summary>
    public const string Flap = "twin.chaosdrill.dev/flap";

    /// <summary>HTTP status that the pod answers with; 200 when absent. Read at each request.</summary>
    public const string HttpStatus = "twin.chaosdrill.dev/http-status";

    /// <summary>How long the pod takes to answer; nothing when absent. Read at each request.</summary>
    public const string HttpLatency = "twin.chaosdrill.dev/http-latency";

    /// <summary>How long the containers of a pod run before they end by themselves, to be started again where its restart policy says so; pods of jobs run for 2 s.</summary>
    public const string RunFor = "twin.chaosdrill.dev/run-for";

    /// <summary>The exit code with which they end; 0 unless said.</summary>
    public const string ExitCode = "twin.chaosdrill.dev/exit-code";

    /// <summary>
    /// What commands in the containers do that the twin does not know, or should do otherwise: a YAML mapping from a command
    /// line, or from a program alone, to its <c>output</c>, <c>error</c>, <c>exitCode</c> and <c>takes</c> (a duration).
    /// Read at each exec.
    /// </summary>
    public const string Exec = "twin.chaosdrill.dev/exec";

    /// <summary>On a volume claim: the files on its disk when it is first made, one <c>name=content</c> a line; on a volume: those on it now.</summary>
    public const string VolumeData = "twin.chaosdrill.dev/volume-data";

    /// <summary>On a volume claim: what becomes of its volume when the claim is gone, <c>Delete</c> unless it says <c>Retain</c>.</summary>
    public const string ReclaimPolicy = "twin.chaosdrill.dev/reclaim-policy";

    /// <summary>
    /// On a Backup, or on the BackupStorageLocation for all: what befalls backups. Orders are separated by commas; those with a
    /// value are written <c>order=value</c>. See docs/twin.md for the list.
    /// </summary>
    public const string VeleroBackup = "twin.chaosdrill.dev/velero-backup";

    /// <summary>On a Restore, on its Backup, or on the BackupStorageLocation for all: what befalls restores; written as for backups.</summary>
    public const string VeleroRestore = "twin.chaosdrill.dev/velero-restore";

    /// <summary>On a BackupStorageLocation: <c>unavailable</c> takes it away.</summary>
    public const string VeleroLocation = "twin.chaosdrill.dev/velero-location";

    /// <summary>Of a node: <c>"stopped"</c> stops its kubelet as the annotation comes, and starts it as the annotation goes.</summary>
    public const string Kubelet = "twin.chaosdrill.dev/kubelet";
}
