namespace ChaosDrill.Kubernetes;

/// <summary>What to run in a container.</summary>
public sealed record ExecOptions
{
    /// <summary>The program and its arguments, handed over one by one: no shell reads them.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The container; null for a pod's only one.</summary>
    public string? Container { get; init; }

    /// <summary>What the command reads on its standard input; null for none. Needs a server of 1.30 or later, see remarks.</summary>
    /// <remarks>Before <c>v5.channel.k8s.io</c> the end of the input could not be told, so with an input only that protocol is offered.</remarks>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>How long the command may take, counted from the request; more than zero, default 30 seconds.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes of each output are kept, 0 or more; the rest is read and dropped. Default 64 KB.</summary>
    public int OutputLimit { get; init; } = 64 * 1024;
}
